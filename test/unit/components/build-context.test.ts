import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { archiveOf, buildArchive } from "../../../components/images/archive";
import { contextOf } from "../../../components/images/context";
import { imageOf } from "../../../components/images/images";

const BINARY = Buffer.from([...Array(256).keys()]);
const LONG = join("folder".repeat(20), "file".repeat(40));

/** Unusual entries of a build context: names with their content, or with a symbolic link's target. */
const FILES: Record<string, string | Buffer> = {
  Dockerfile: "FROM scratch\n",
  "a name with spaces": 'it\'s "quoted" $HOME `id` \\ and more\n',
  "a name\nof two lines": "=\n",
  "-x": "looks like an option",
  "naïve-日本": "no ASCII",
  binary: BINARY,
  "not-utf-8": Buffer.from([0xff, 0xfe, 0x41]),
  empty: "",
  "no line's end": "end",
  large: Buffer.alloc(5_000_000, "0123456789"),
  "folder/of/folders/file": "deep",
  ".dockerignore": "*.tmp\n",
  [LONG]: "its path has more than a hundred characters",
};

describe("a build context", () => {
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "context-"));
  });
  afterEach(() => rmSync(place, { recursive: true }));

  /** A folder with {@link FILES}, one of them executable, an empty folder and a symbolic link. */
  function context(name = "context"): string {
    const folder = join(place, name);
    mkdirSync(join(folder, "an empty folder"), { recursive: true });
    for (const [file, content] of Object.entries(FILES)) {
      mkdirSync(join(folder, file, ".."), { recursive: true });
      writeFileSync(join(folder, file), content);
    }
    chmodSync(join(folder, "binary"), 0o755);
    symlinkSync("folder/of/folders/file", join(folder, "link"));
    return folder;
  }

  function unpacked(archive: Buffer): string {
    const target = join(place, "unpacked");
    mkdirSync(target);
    const { status, stderr } = spawnSync("tar", ["-x", "-C", target], { input: archive });
    assert.deepEqual([status, stderr.toString()], [0, ""]);
    return target;
  }

  const reference = (folder: string) => imageOf(folder).reference;

  it("arrives unchanged: any names, any bytes, modes, empty folders, symbolic links", async () => {
    const folder = context();
    const target = unpacked(await archiveOf(contextOf(folder)));
    assert.deepEqual(
      readdirSync(target, { recursive: true }).sort(),
      readdirSync(folder, { recursive: true }).sort(),
    );
    for (const [file, content] of Object.entries(FILES)) {
      assert.ok(readFileSync(join(target, file)).equals(Buffer.from(content)), file);
      const executable = file === "binary" ? 0o755 : 0o644;
      assert.equal(statSync(join(target, file)).mode & 0o777, executable, file);
    }
    assert.equal(readlinkSync(join(target, "link")), "folder/of/folders/file");
    assert.equal(lstatSync(join(target, "an empty folder")).mode & 0o777, 0o755);
  });

  it("is packed to the same bytes at any place and time, with any umask", async () => {
    const folder = context();
    const copy = join(place, "elsewhere");
    cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
    for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" })) {
      const path = join(copy, name);
      if (lstatSync(path).isSymbolicLink()) continue;
      // The modes with another umask.
      chmodSync(path, statSync(path).mode & 0o100 ? 0o775 : 0o660);
      utimesSync(path, 1, 1);
    }
    const [here, there] = await Promise.all([folder, copy].map((of) => archiveOf(contextOf(of))));
    assert.ok(there?.equals(here as Buffer));
  });

  it("changes an image's name with each change of it", () => {
    const folder = context();
    const seen = new Set([reference(folder)]);
    const change = (what: string, make: () => void) => {
      make();
      const now = reference(folder);
      assert.equal(now, reference(folder), what);
      assert.ok(!seen.has(now), what);
      seen.add(now);
    };
    const at = (name: string) => join(folder, name);
    change("a byte", () => writeFileSync(at("binary"), Buffer.from(BINARY).fill(1, 0, 1)));
    change("no UTF-8", () => writeFileSync(at("not-utf-8"), Buffer.from([0xfe, 0xfe, 0x41])));
    change("a deep file", () => writeFileSync(at("folder/of/folders/file"), "deeper"));
    change("a deep file's name", () => {
      cpSync(at("folder/of/folders/file"), at("folder/of/folders/other"));
      rmSync(at("folder/of/folders/file"));
    });
    change("where a link points", () => {
      rmSync(at("link"));
      symlinkSync("empty", at("link"));
    });
    change("an empty folder", () => mkdirSync(at("another empty folder")));
    change("the end of a name", () => {
      rmSync(at("empty"));
      writeFileSync(at("empt"), "y");
    });
  });

  it("distinguishes a file with a NUL byte from two files", () => {
    const [one, two] = ["one", "two"].map((name) => join(place, name, "context"));
    for (const folder of [one, two]) mkdirSync(folder as string, { recursive: true });
    writeFileSync(join(one as string, "a"), "x\0b\0y");
    writeFileSync(join(two as string, "a"), "x");
    writeFileSync(join(two as string, "b"), "y");
    assert.notEqual(reference(one as string), reference(two as string));
  });

  it("may have only files, folders and symbolic links", () => {
    const folder = context();
    assert.equal(spawnSync("mkfifo", [join(folder, "a pipe")]).status, 0);
    assert.throws(
      () => contextOf(folder),
      /a pipe is neither a file, a folder nor a symbolic link: remove it from the build context/,
    );
  });

  it("comes with its build script; the file is deleted when the program ends", async () => {
    const image = imageOf(context(), { args: { WHAT: "it's a line\nor two" } });
    const { path, sha256 } = await buildArchive([image], () => "");
    const { stdout } = spawnSync("sha256sum", [path], { encoding: "utf8" });
    assert.equal(stdout.split(" ")[0], sha256);
    assert.equal(statSync(dirname(path)).mode & 0o077, 0);
    const build = join(unpacked(readFileSync(path)), basename(image.reference));
    assert.deepEqual(readdirSync(build).sort(), ["build.sh", "context"]);
    assert.equal(readFileSync(join(build, "context/no line's end"), "utf8"), "end");

    const program = `require("ts-node/register/transpile-only");
      const { buildArchive } = require("./components/images/archive");
      const { imageOf } = require("./components/images/images");
      buildArchive([imageOf(${JSON.stringify(image.folder)})], () => "").then(({ path }) =>
        console.log(JSON.stringify([path, require("node:fs").existsSync(path)])));`;
    const ended = spawnSync(process.execPath, ["-e", program], { encoding: "utf8" });
    assert.equal(ended.stderr, "");
    const [itsPath, existed] = JSON.parse(ended.stdout);
    assert.equal(existed, true);
    assert.equal(existsSync(itsPath), false);
  });
});
