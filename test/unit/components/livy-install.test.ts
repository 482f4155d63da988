import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const INSTALL = join(__dirname, "../../../images/livy/install.py");
const NAME = "apache-livy-0.9.0-incubating_2.12-bin";

/** Python makes the zips that it then reads. */
const ZIP = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as archive:
    archive.writestr("${NAME}/bin/livy-server", sys.argv[2])
`;

describe("images/livy/install.py", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "livy-"));
    cpSync(INSTALL, join(folder, "install.py"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function python(...args: string[]): string {
    const { status, stderr } = spawnSync("python3", args, { encoding: "utf8", timeout: 90_000 });
    return status === 0 ? "" : stderr || `status ${status}`;
  }
  function zip(name: string, content: string): void {
    assert.equal(python("-c", ZIP, join(folder, name), content), "");
  }
  /** Installs, with this folder as the place of releases. Returns the errors. */
  const install = () =>
    python(join(folder, "install.py"), pathToFileURL(folder).href, join(folder, "livy"));
  const installed = () => readFileSync(join(folder, "livy/bin/livy-server"), "utf8");
  const sum = () =>
    createHash("sha512")
      .update(readFileSync(join(folder, `${NAME}.zip`)))
      .digest("hex");
  const publish = (text: string) => writeFileSync(join(folder, `${NAME}.zip.sha512`), text);

  it("unpacks the archive next to it", () => {
    zip("archive.zip", "given");
    assert.equal(install(), "");
    assert.equal(installed(), "given");
  });

  for (const [form, write] of [
    ["sha512sum", (digest: string) => `${digest}  ${NAME}.zip\n`],
    [
      "gpg --print-md",
      (digest: string) =>
        `${NAME}.zip: ${digest.toUpperCase().replace(/.{8}/g, "$& ").replace(/.{36}/g, "$&\n   ")}\n`,
    ],
  ] as const) {
    it(`accepts a release with the checksum that ${form} wrote`, () => {
      zip(`${NAME}.zip`, "official");
      publish(write(sum()));
      assert.equal(install(), "");
      assert.equal(installed(), "official");
    });
  }

  it("refuses a release with another checksum", () => {
    zip(`${NAME}.zip`, "another");
    publish(`${"0".repeat(128)}  ${NAME}.zip\n`);
    assert.match(
      install(),
      /^apache-livy-\S+ has the SHA-512 [0-9a-f]{128}, but the published one is: 0{128}/,
    );
    assert.equal(existsSync(join(folder, "livy")), false);
  });

  it("refuses a release without a published checksum", () => {
    zip(`${NAME}.zip`, "official");
    assert.match(
      install(),
      /^Livy's archive cannot be downloaded from .*\. Without internet access, /,
    );
  });
});
