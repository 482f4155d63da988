import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

const LIST =
  "a list of Python packages such as [statsmodels==0.14.4], or the path of a requirements file such as requirements.txt, relative to the folder of Pulumi.yaml";
const PACKAGE =
  "a Python package in pip's form, such as statsmodels==0.14.4, polars>=1.0, or polars @ https://example.com/polars.whl. For a Git repository, give the address of an archive: name @ https://github.com/OWNER/NAME/archive/REVISION.zip";
const OPTION =
  "Options of pip and names of other files are not supported: name each package, and set a package index with spark.pipIndex";

/** What pip accepts as a package: https://packaging.python.org/en/latest/specifications/dependency-specifiers */
const isPackage = (line: string) =>
  /^[A-Za-z0-9][^\n]*$/.test(line) && !/^git\+|@\s*git\+|^\w+:\/\//.test(line);

/** The lines of a requirements file that name packages. */
function packagesOf(path: string): string[] {
  return readFileSync(path, "utf8")
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter(Boolean);
}

/** Reads the lines of a requirements file if its path is given; returns anything else as it is. */
function fromFile(given: unknown, { addIssue }: z.RefinementCtx): unknown {
  if (typeof given !== "string") return given;
  const path = resolve(given);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    addIssue({ code: "custom", message: `${LIST}. There is no file ${path}` });
    return z.NEVER;
  }
  const packages = packagesOf(path);
  const wrong = packages.find((line) => !isPackage(line));
  if (wrong === undefined) return packages;
  const rule = wrong.startsWith("-") ? OPTION : `Each line must be ${PACKAGE}`;
  addIssue({ code: "custom", message: `${LIST}. It has the line "${wrong}". ${rule}` });
  return z.NEVER;
}

/** Python packages, as lines of a requirements file. */
export const pythonPackages = z
  .preprocess(fromFile, z.array(z.string(PACKAGE).trim().refine(isPackage, PACKAGE), LIST))
  .default([]);

const INDEX =
  "the address of a package index, such as https://pypi.example.com/simple; with credentials, set it as a secret: pulumi config set --secret --path spark.pipIndex https://USER:TOKEN@pypi.example.com/simple";

/** A package index in place of PyPI. */
export const packageIndex = z
  .string(INDEX)
  .regex(/^https?:\/\/\S+$/, INDEX)
  .optional();
