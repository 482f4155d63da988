import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type TableFormat, tableLibraries } from "../spark/tables";
import { type ContextEntry, contextOf } from "./context";

export const BASE = "debian:bookworm-slim";
/** Further libraries that notebooks import, and that executors must have too. */
const NOTEBOOK_LIBRARIES = ["matplotlib==3.9.4", "seaborn==0.13.2", "bokeh==3.6.3"];
/** The S3 client of the Hadoop that Spark is built with, and the classes with which Spark commits to S3 safely. */
const S3_LIBRARIES = [
  "org.apache.hadoop:hadoop-aws:3.3.4",
  "org.apache.spark:spark-hadoop-cloud_2.12:3.5.8",
];
/** The newest 3.5 that Maven's repositories have. */
const CONNECT = "org.apache.spark:spark-connect_2.12:3.5.7";
/** A client of the SQL server, with the version of Thrift that dbt-spark accepts too. */
const SQL_LIBRARIES = ["PyHive==0.7.0", "thrift==0.22.0", "thrift-sasl==0.4.3", "pure-sasl==0.6.2"];
const FOLDERS = join(__dirname, "..", "..", "images");
/** Where Debian and Ubuntu keep certificate authorities that an administrator added. */
const EXTRA_CA_FOLDER = "/usr/local/share/ca-certificates";
/** The cluster's registry, by a name that only its hosts resolve: no other registry can supply a missing image. */
const REGISTRY = "manager:5000";

/** An image built from a folder of this project. */
export interface Image {
  /** The folder's name. */
  name: string;
  /** Its name with a digest of its inputs, so it is known before the build. */
  reference: string;
  folder: string;
  /** Its base image. */
  base: string;
  /** Build arguments. */
  args: Record<string, string>;
  /** Secret build arguments, which do not change what is built. */
  secretArgs?: Record<string, string>;
  /** A zip of this machine that is built in too, as archive.zip: its path. */
  archive?: string;
}

/** The images that run in the Swarm, each after its base image. */
export interface SwarmImages {
  /** For master, workers, history server and drivers: one Spark, one Java, one Python. */
  spark: Image;
  bastion: Image;
  /** The same with JupyterLab. */
  notebook?: Image;
  /** Prometheus, and its exporter of a host's figures. */
  monitoring?: Image;
  /** The same with Apache Livy. */
  livy?: Image;
}

/** What the user's programs need. All parts of Spark have it. */
export interface SwarmImagesArgs {
  /** What drivers and executors have in addition to Spark. */
  spark: {
    /** Libraries of the JVM, as Maven coordinates: `group:artifact:version`. */
    packages: string[];
    /** Lines of a requirements file: https://pip.pypa.io/en/stable/reference/requirements-file-format */
    pip: string[];
    /**
     * The package index for pip, with its credentials.
     *
     * @default PyPI
     */
    pipIndex?: string;
    /**
     * A table format, whose libraries the image must have.
     *
     * @default `parquet`, which needs none
     */
    tables?: TableFormat;
  };
  /** Anything, to have an image of JupyterLab. */
  notebook: object | false;
  /** Whether Spark Connect is in the image. */
  connect: boolean;
  /**
   * Anything, to have a client of the SQL server in the image.
   *
   * @default none
   */
  sql?: object | false;
  /** Where Apache Livy comes from; false for no image of it. */
  livy:
    | {
        /**
         * The path of Apache's zip on this machine.
         *
         * @default the build downloads it
         */
        archive?: string;
      }
    | false;
  /**
   * Anything, to have Hadoop's S3 client in the image.
   *
   * @default none
   */
  s3?: object;
  /** Whether there is an image of Prometheus. */
  monitoring: boolean;
}

export function swarmImages({
  spark: { packages, pip, pipIndex, tables = "parquet" },
  notebook,
  connect,
  sql,
  livy,
  s3,
  monitoring,
}: SwarmImagesArgs): SwarmImages {
  const libraries = [
    ...packages,
    ...tableLibraries(tables),
    ...(s3 ? S3_LIBRARIES : []),
    ...(connect ? [CONNECT] : []),
  ];
  const python = [...(notebook ? NOTEBOOK_LIBRARIES : []), ...(sql ? SQL_LIBRARIES : []), ...pip];
  const spark = image("spark", {
    args: { PACKAGES: libraries.join(","), PIP: JSON.stringify(python) },
    ...(pipIndex && { secretArgs: { PIP_INDEX_URL: pipIndex } }),
  });
  return {
    spark,
    bastion: image("bastion"),
    ...(notebook && { notebook: image("notebook", { base: spark.reference }) }),
    ...(monitoring && { monitoring: image("monitoring") }),
    ...(livy && { livy: image("livy", { base: spark.reference, archive: livy.archive }) }),
  };
}

/** The image of a local host. */
export const hostImage = () => image("host", { repository: "spark-swarm" });
/** The registry that serves images built on the manager to the other hosts. */
export const registryImage = () => image("registry");

/** The volume in which images are unpacked, for hosts that share this machine's Docker engine; see seed.sh. */
export function seedOf(images: Image[]): string {
  return `spark-swarm-seed-${digest([hostImage(), ...images].map(({ reference }) => reference))}`;
}

/** An image of this project. */
function image(name: string, options: ImageOptions & { repository?: string } = {}): Image {
  return imageOf(join(FOLDERS, name), options);
}

export interface ImageOptions {
  /**
   * Its base image, which the Dockerfile takes as the argument BASE.
   *
   * @default debian:bookworm-slim
   */
  base?: string;
  /** Build arguments. */
  args?: Record<string, string>;
  /** Secret build arguments, which do not change what is built. */
  secretArgs?: Record<string, string>;
  /** A zip of this machine that is built in too, as archive.zip: its path. */
  archive?: string;
}

/**
 * An image that is built from a folder: a Dockerfile and the files it needs. Its reference is the folder's name and a
 * digest of all inputs except file modes, which a checkout may lose.
 *
 * @throws when the folder has anything but files, folders and symbolic links
 */
export function imageOf(
  folder: string,
  {
    base = BASE,
    args = {},
    secretArgs,
    repository = REGISTRY,
    archive,
  }: ImageOptions & { repository?: string } = {},
): Image {
  const name = basename(folder);
  const content = contextOf(folder).flatMap(digestParts);
  const packed = archive === undefined ? [] : [fileDigest(archive)];
  const variables = Object.entries(args).flat();
  const tag = digest([base, extraCertificates(), ...variables, ...content, ...packed]);
  return {
    name,
    reference: `${repository}/${name}:${tag}`,
    folder,
    base,
    args,
    secretArgs,
    archive,
  };
}

/** The parts of a context's entry that go into the image's digest, without the NUL bytes between them. */
function digestParts({ name, content, linkname }: ContextEntry): (string | Buffer)[] {
  if (linkname !== undefined) return [name, "->", linkname];
  if (content === undefined) return [`${name}/`, ""];
  return [name, content.includes(0) ? sha256(content) : content];
}

/** The variables of build.sh for an image, except the path of its folder. */
export function buildVariables({ reference, base, args, secretArgs = {} }: Image) {
  return {
    IMAGE: reference,
    BASE: base,
    ARGS: lines(args),
    SECRET_ARGS: lines(secretArgs),
    EXTRA_CA: extraCertificates(),
  };
}

/** A line `NAME=VALUE` for each. */
function lines(values: Record<string, string>): string {
  return Object.entries(values)
    .map((value) => value.join("="))
    .join("\n");
}

/** Certificate authorities to trust while an image is built: a company's proxy may need them. */
export function extraCertificates(): string {
  if (!existsSync(EXTRA_CA_FOLDER)) return "";
  return readdirSync(EXTRA_CA_FOLDER)
    .filter((file) => file.endsWith(".crt"))
    .sort()
    .map((file) => readFileSync(join(EXTRA_CA_FOLDER, file), "utf8"))
    .join("\n");
}

/** Twelve digits are enough to distinguish a few hundred images. */
export function digest(parts: (string | Buffer)[]): string {
  const bytes = parts.flatMap((part) => [Buffer.of(0), Buffer.from(part)]).slice(1);
  return sha256(Buffer.concat(bytes)).slice(0, 12);
}

/** The same for a file's content. */
export function fileDigest(path: string): string {
  return sha256(readFileSync(path)).slice(0, 12);
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
