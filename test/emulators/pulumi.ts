import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  LocalWorkspace,
  type PulumiFn,
  type Stack,
  type UpOptions,
} from "@pulumi/pulumi/automation";

const repository = resolve(__dirname, "../..");

/** A stack of one test, with the stand-ins in place of the official plugins, and its own state. */
export class TestStack {
  private constructor(
    private readonly folder: string,
    readonly stack: Stack,
  ) {}

  /** @param variables with which the program finds the emulated cloud */
  static async create(variables: Record<string, string>, program: PulumiFn): Promise<TestStack> {
    const folder = mkdtempSync(join(tmpdir(), "spark-swarm-stack-"));
    for (const name of ["state", "home"]) mkdirSync(join(folder, name));
    const settings = {
      ...variables,
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}?metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(12).toString("hex"),
      PULUMI_HOME: join(folder, "home"),
      SPARK_SWARM_EMULATED: "yes",
    };
    const script = 'source "$1/scripts/setup/environment.sh"; printf %s "$PATH"';
    const path = execFileSync("bash", ["-euc", script, "-", repository], {
      encoding: "utf8",
      env: { ...process.env, ...settings },
    });
    // The automation API looks for the CLI on the PATH of this process.
    process.env.PATH = path;
    const envVars = {
      ...settings,
      PATH: path,
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
    };
    const stack = await LocalWorkspace.createStack(
      { stackName: "test", projectName: "test", program },
      { envVars, workDir: folder },
    );
    return new TestStack(folder, stack);
  }

  /** The number of resources for each operation of an `up`, the stack among them, such as `{"same": 20}`. */
  async up(options?: UpOptions): Promise<Record<string, number>> {
    const { summary } = await this.stack.up(options);
    return summary.resourceChanges ?? {};
  }

  /** The error that an `up` ends with. */
  async failure(): Promise<string> {
    try {
      await this.stack.up();
    } catch (error) {
      return String(error);
    }
    throw new Error("the up succeeded");
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
