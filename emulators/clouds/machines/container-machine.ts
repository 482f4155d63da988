import type Docker from "dockerode";
import { type Upload, uploadArchive } from "../../plugins/docker/upload";
import type { Firewall, Machine, MachineSpec } from "../contract";
import { ignoring } from "./engine";
import { firewallTable } from "./firewall";
import { ownLabels } from "./ownership";

/** How long a guest may take to shut down, seconds, before its power is cut. */
const SHUTDOWN_SECONDS = 5;
/** When a container asks for a reboot, the kernel ends its first process by SIGHUP; for a power-off, by SIGINT. */
const REBOOT_STATUS = 128 + 1;
const SHUTDOWN_STATUS = 128 + 2;
/** Two empty blocks, the end of a tar archive. */
const ARCHIVE_END_BYTES = 1024;

/** A machine's settings at each start, as image/power-on reads them. */
export interface Surroundings {
  bootSeconds: number;
  gateway: string;
  /** The length of the private network's prefix. */
  prefix: number;
  /** Address and port of the metadata service. */
  metadata: string;
}

/** A machine that is a container, and its disk. Work on it runs in sequence. */
export class ContainerMachine implements Machine {
  private reservedAddress: string | null = null;
  /** `gone`: permanently, and without notice. */
  private state: "on" | "off" | "gone" = "off";
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly engine: Docker,
    readonly spec: MachineSpec,
    readonly publicAddress: string,
    readonly privateAddress: string,
    private readonly surroundings: () => Surroundings,
    /** The container's name. */
    readonly name: string,
    private firewall: Firewall = spec.firewall,
  ) {}

  get disk(): string {
    return `${this.name}-disk`;
  }

  create(request: Docker.ContainerCreateOptions, privateNetwork: string): Promise<void> {
    return this.inTurn(async () => {
      await this.engine.createVolume({ Name: this.disk, Labels: ownLabels() });
      await this.engine.createContainer(request);
      await this.engine.getNetwork(privateNetwork).connect({ Container: this.name });
      await this.upload({
        file: "/var/lib/cloud/instance/user-data.txt",
        content: this.spec.userData,
      });
      await this.start();
    });
  }

  powerOn(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state === "off") await this.start();
    });
  }

  powerOff(): Promise<void> {
    return this.inTurn(async () => {
      if (this.state !== "on") return;
      this.state = "off";
      await this.container.stop({ t: SHUTDOWN_SECONDS });
      this.spec.onPowerOff();
    });
  }

  /** Outside the sequence: it ends now, whatever else is in progress. */
  async lose(): Promise<void> {
    this.state = "gone";
    // 409: it is off.
    await ignoring([404, 409], () => this.container.kill());
  }

  remove(): Promise<void> {
    this.state = "gone";
    return this.inTurn(async () => {
      await ignoring([404, 409], () => this.container.remove({ force: true, v: true }));
      await ignoring([404], () => this.engine.getVolume(this.disk).remove());
    });
  }

  setFirewall(firewall: Firewall): Promise<void> {
    this.firewall = firewall;
    return this.inTurn(() => this.apply());
  }

  setReservedAddress(address: string | null): Promise<void> {
    this.reservedAddress = address;
    return this.inTurn(() => this.apply());
  }

  has(address: string): boolean {
    return [this.publicAddress, this.privateAddress, this.reservedAddress].includes(address);
  }

  private get container(): Docker.Container {
    return this.engine.getContainer(this.name);
  }

  /** Also if the previous work failed. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.work.then(work);
    this.work = done.catch(() => {});
    return done;
  }

  private async start(): Promise<void> {
    const { bootSeconds, gateway, prefix, metadata } = this.surroundings();
    const settings = {
      BOOT_SECONDS: Number.isFinite(bootSeconds) ? bootSeconds : "infinity",
      GATEWAY: gateway,
      PRIVATE: `${this.privateAddress}/${prefix}`,
      METADATA: metadata,
      METADATA_FOR_CONTAINERS: this.spec.metadataForContainers,
      INSTANCE: this.spec.id,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    await this.upload(
      { file: "/etc/machine/settings", content: lines.join("") },
      ...this.changeable(),
    );
    await this.container.start();
    this.state = "on";
    this.heedEnd();
  }

  /** Detects that it ends by itself. */
  private async heedEnd(): Promise<void> {
    // 404: it was removed meanwhile.
    const end = await ignoring([404], () => this.container.wait());
    if (this.state !== "on") return;
    this.state = "off";
    if (end?.StatusCode === REBOOT_STATUS) return this.powerOn();
    if (end && end.StatusCode !== SHUTDOWN_STATUS) await this.reportCrash(end.StatusCode);
    this.spec.onPowerOff();
  }

  /** Prints why a machine powered off unexpectedly: its console is deleted with it. */
  private async reportCrash(status: number): Promise<void> {
    const show = { stdout: true, stderr: true, tail: 20 };
    const said = await ignoring([404, 409], () => this.container.logs(show));
    console.error(`${this.spec.name} ended with status ${status}: ${said?.toString("utf8")}`);
  }

  /** Applies settings that may change while a machine runs. For a stopped machine, its next start does. */
  private async apply(): Promise<void> {
    if (this.state !== "on") return;
    await this.upload(...this.changeable());
    try {
      await this.execute("apply-settings");
    } catch (error) {
      const { State } = await this.container.inspect();
      // It may have powered off meanwhile.
      if (State.Running) throw error;
    }
  }

  private async execute(program: string): Promise<void> {
    const exec = await this.container.exec({ Cmd: [program], AttachStdout: true, Tty: true });
    const stream = await exec.start({ Tty: true });
    let output = "";
    for await (const chunk of stream) output += chunk;
    const { ExitCode } = await exec.inspect();
    if (ExitCode !== 0) {
      throw new Error(`${program} on ${this.spec.name} ended with status ${ExitCode}: ${output}`);
    }
  }

  private changeable(): Upload[] {
    return [
      { file: "/etc/machine/firewall", content: firewallTable(this.firewall) },
      { file: "/etc/machine/reserved-address", content: this.reservedAddress ?? "" },
    ];
  }

  private async upload(...files: Upload[]): Promise<void> {
    const archives = files.map((file) => uploadArchive({ permissions: "0600", ...file }));
    const whole = archives.map((archive, index) =>
      index < archives.length - 1 ? archive.subarray(0, -ARCHIVE_END_BYTES) : archive,
    );
    await this.container.putArchive(Buffer.concat(whole), { path: "/" });
  }
}
