import { equal } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { sources } from "../../../../cli/files/data-paths";
import { startStore } from "../../../../cli/store/ask";
import { send } from "../../../../cli/store/send";
import { tree } from "../../../../cli/store/tree";
import { FakeHdfs } from "./fake-hdfs";
import { FakeManager } from "./manager";

/** A cluster's store. Local files are in its manager's folder. */
class Store {
  hdfs!: FakeHdfs;
  manager!: FakeManager;

  async start(): Promise<void> {
    this.hdfs = new FakeHdfs();
    await this.hdfs.start();
    this.manager = new FakeManager({ SPARK_STORE_ADDRESS: this.hdfs.address });
  }

  async stop(): Promise<void> {
    this.manager.remove();
    await this.hdfs.stop();
  }

  /** Makes a local file. */
  write(name: string, content: string | Buffer): string {
    const path = this.manager.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  copy(paths: string[]): Promise<number> {
    return send(this.manager.ssh, tree(sources(paths)), "/data");
  }

  /** What the store's program prints. */
  async output(...words: string[]): Promise<string> {
    const { status, stdout, stderr } = await startStore(this.manager.ssh, words, {}).ended;
    equal(status, 0, stderr);
    return stdout;
  }
}

/** Describes a store, of which each test has a new one. */
export function describeStore(title: string, tests: (store: Store) => void): void {
  describe(title, function () {
    this.timeout(30_000);
    const store = new Store();
    beforeEach(() => store.start());
    afterEach(() => store.stop());
    tests(store);
  });
}
