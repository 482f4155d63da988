import assert from "node:assert/strict";
import type { AwsSettings } from "../../../program/clouds/aws/settings";
import type { DigitalOceanSettings } from "../../../program/clouds/digitalocean/settings";
import { parseSettings } from "../../../program/settings/settings";
import { problemsOf, pulumiConfig } from "./config";

const access = { allowFrom: ["198.51.100.7/32"] };
const DEFAULTS = {
  digitalocean: {
    cloud: "digitalocean",
    region: "nyc3",
    image: "docker-20-04",
    workers: { count: 2, size: "s-2vcpu-4gb" },
    manager: { size: "s-2vcpu-4gb" },
    access,
    stacks: [],
    bootstrap: [],
    spark: { packages: [], pip: [], allocation: "shared", conf: {}, tables: "parquet" },
    storage: { replication: 2, reserved: 5 },
    notebook: false,
    connect: false,
    sql: false,
    livy: false,
    monitoring: false,
    lifetime: {},
    digitalocean: { reservedAddress: false },
  } satisfies DigitalOceanSettings,
  aws: {
    cloud: "aws",
    region: "us-east-1",
    workers: { count: 2, size: "t3.medium", disk: 30, spot: false },
    manager: { size: "t3.medium", disk: 30 },
    access,
    stacks: [],
    bootstrap: [],
    spark: { packages: [], pip: [], allocation: "shared", conf: {}, tables: "parquet" },
    storage: { replication: 2, reserved: 5 },
    notebook: false,
    connect: false,
    sql: false,
    livy: false,
    monitoring: false,
    lifetime: {},
    aws: { buckets: [] },
  } satisfies AwsSettings,
};
type Cloud = keyof typeof DEFAULTS;
const CLOUDS = Object.keys(DEFAULTS) as Cloud[];

/** A cloud's configuration, with its required settings. */
const configOf = (cloud: Cloud, given: Record<string, unknown>) =>
  pulumiConfig({ cloud, access, ...given });

function accepts(cloud: Cloud, given: Record<string, unknown>, expected: object): void {
  it(`${cloud}: ${JSON.stringify(given)}`, () => {
    const settings = parseSettings(configOf(cloud, given));
    assert.deepEqual(settings, { ...DEFAULTS[cloud], ...expected });
  });
}

/** Expects exactly this problem. */
function refuses(cloud: Cloud, given: Record<string, unknown>, problem: string): void {
  it(`${cloud}: ${JSON.stringify(given)}`, () => {
    assert.deepEqual(problemsOf(configOf(cloud, given)), [problem]);
  });
}

describe("settings of a cloud", () => {
  describe("accepted values", () => {
    for (const cloud of CLOUDS) accepts(cloud, {}, {});

    accepts("digitalocean", { workers: 3 }, { workers: { count: 3, size: "s-2vcpu-4gb" } });
    accepts(
      "digitalocean",
      { workers: { size: "m-8vcpu-64gb" }, manager: { size: "c-2" } },
      { workers: { count: 2, size: "m-8vcpu-64gb" }, manager: { size: "c-2" } },
    );
    accepts("digitalocean", { region: "fra1" }, { region: "fra1" });
    // Snapshots have numbers, and Pulumi keeps `config set image 100000001` as a number.
    accepts("digitalocean", { image: 100000001 }, { image: "100000001" });
    accepts(
      "digitalocean",
      { digitalocean: { reservedAddress: true } },
      { digitalocean: { reservedAddress: true } },
    );
    accepts("aws", { image: "ami-0123" }, { image: "ami-0123" });
    accepts(
      "aws",
      { workers: { count: 5, size: "m7g.large", disk: "100" }, manager: { disk: 10 } },
      {
        workers: { count: 5, size: "m7g.large", disk: 100, spot: false },
        manager: { size: "t3.medium", disk: 10 },
      },
    );
    accepts(
      "aws",
      { aws: { subnet: "subnet-0123", buckets: ["my-data", "other.data"] } },
      { aws: { subnet: "subnet-0123", buckets: ["my-data", "other.data"] } },
    );
    for (const cloud of CLOUDS) {
      accepts(cloud, { budget: { maxHourly: 0.5 } }, { budget: { maxHourly: 0.5 } });
      // The result of `pulumi config set --path budget.maxHourly 0.25`.
      accepts(cloud, { budget: { maxHourly: "0.25" } }, { budget: { maxHourly: 0.25 } });
    }
  });

  describe("access.allowFrom", () => {
    const hint = (index: number) =>
      `Set it with: pulumi config set --path 'access.allowFrom[${index}]' 198.51.100.7/32`;
    const list =
      "a list of addresses or ranges (IPv4) that may reach SSH, such as [198.51.100.7/32]; 0.0.0.0/0 is everybody";
    const address =
      "an address, or a range that begins with its first address (IPv4), such as 198.51.100.7/32; 0.0.0.0/0 is everybody";

    for (const cloud of CLOUDS) {
      it(`${cloud}: is required`, () => {
        const missing = [`access.allowFrom: nothing was given; it must be ${list}. ${hint(0)}`];
        assert.deepEqual(problemsOf({ cloud }), missing);
        assert.deepEqual(problemsOf({ cloud, access: "{}" }), missing);
      });

      accepts(
        cloud,
        { access: { allowFrom: ["255.255.255.255", "198.51.100.128/25", "0.0.0.0/0"] } },
        { access: { allowFrom: ["255.255.255.255/32", "198.51.100.128/25", "0.0.0.0/0"] } },
      );
      refuses(
        cloud,
        { access: { allowFrom: [] } },
        `access.allowFrom: [] was given; it must be ${list}. ${hint(0)}`,
      );
      refuses(
        cloud,
        { access: { allowFrom: "198.51.100.7" } },
        `access.allowFrom: "198.51.100.7" was given; it must be ${list}. ${hint(0)}`,
      );
      for (const wrong of [
        ...["198.51.100.7/33", "198.51.100", "::/0", "everybody", ""],
        // The whole Internet by mistake, and ranges that AWS refuses.
        ...["198.51.100.7/0", "198.51.100.7/24", "255.255.255.255/31"],
      ]) {
        refuses(
          cloud,
          { access: { allowFrom: ["198.51.100.7", wrong] } },
          `access.allowFrom[1]: "${wrong}" was given; it must be ${address}. ${hint(1)}`,
        );
      }
    }
  });

  describe("spot", () => {
    const spot = (given: unknown) => ({ workers: { spot: given } });
    for (const [given, expected] of [
      [true, { fallback: "fail" }],
      [false, false],
      [{}, { fallback: "fail" }],
      [{ maxPrice: 0.05 }, { maxPrice: 0.05, fallback: "fail" }],
      [
        { maxPrice: "0.05", fallback: "on-demand" },
        { maxPrice: 0.05, fallback: "on-demand" },
      ],
    ] as const) {
      accepts("aws", spot(given), { workers: { ...DEFAULTS.aws.workers, spot: expected } });
    }

    const set = "Set it with: pulumi config set --path";
    for (const [given, problem] of [
      [
        "yes",
        `workers.spot: "yes" was given; it must be true, false, or an object such as {maxPrice: 0.05, fallback: on-demand}. ${set} 'workers.spot' true`,
      ],
      [
        { maxPrice: 0 },
        `workers.spot.maxPrice: 0 was given; it must be a number above 0: US dollars an hour. ${set} 'workers.spot.maxPrice' 0.05`,
      ],
      [
        { fallback: "cheapest" },
        `workers.spot.fallback: "cheapest" was given; it must be one of: on-demand, fail. ${set} 'workers.spot.fallback' on-demand`,
      ],
      [
        { maxprice: 0.05 },
        "workers.spot.maxprice: there is no such key; did you mean 'maxPrice'? Known here: maxPrice, fallback. Remove it with: pulumi config rm --path 'workers.spot.maxprice'",
      ],
    ] as const) {
      refuses("aws", spot(given), problem);
    }
    for (const given of [true, false, { maxPrice: 0.05 }]) {
      refuses(
        "digitalocean",
        spot(given),
        "workers.spot: DigitalOcean has no spot machines; cloud aws has. Remove it with: pulumi config rm --path 'workers.spot'",
      );
    }
    it("the manager is never bought there", () => {
      const [problem = ""] = problemsOf(configOf("aws", { manager: { spot: true } }));
      assert.match(problem, /^manager\.spot: there is no such key\. Known here: size, disk\./);
    });
  });

  describe("lifetime", () => {
    for (const [given, seconds] of [
      ["8h", 28800],
      ["30m", 1800],
      ["2d", 172800],
      ["1.5h", 5400],
      ["90 minutes", 5400],
      ["60s", 60],
      // Shells have integers only.
      ["1.3333h", 4800],
    ] as const) {
      for (const cloud of CLOUDS) {
        accepts(
          cloud,
          { lifetime: { ttl: given, idle: given } },
          { lifetime: { ttl: seconds, idle: seconds } },
        );
      }
    }
    for (const wrong of ["59s", "8", "8H", "h", "5 foos", "-8h", "", 8, null]) {
      for (const [key, example] of [
        ["ttl", "8h"],
        ["idle", "30m"],
      ] as const) {
        refuses(
          "aws",
          { lifetime: { [key]: wrong } },
          `lifetime.${key}: ${JSON.stringify(wrong)} was given; it must be a duration of a minute or more, such as 30m, 8h or 2d. Set it with: pulumi config set --path 'lifetime.${key}' ${example}`,
        );
      }
    }
  });

  describe("lifetime.token", () => {
    const token = "dop_v1_0123456789abcdef";
    accepts("digitalocean", { lifetime: { token } }, { lifetime: { token } });
    refuses(
      "aws",
      { lifetime: { token } },
      "lifetime.token: this key is for cloud digitalocean, and this is cloud aws. Known here: ttl, idle. Remove it with: pulumi config rm --path 'lifetime.token'",
    );

    const misplaced: Record<string, unknown>[] = [
      { lifetime: { token: [token] } },
      { lifetime: { token: { value: token } } },
      { lifetime: { tokn: token, ttl: "8" } },
      { lifetime: token },
      { lifetime: [{ token }] },
      { token },
      { digitalocean: { token } },
    ];
    for (const given of misplaced) {
      for (const cloud of CLOUDS) {
        it(`${cloud}: is never repeated, as in ${JSON.stringify(given)}`, () => {
          const problems = problemsOf(configOf(cloud, given)).join("\n");
          assert.ok(!problems.includes(token), problems);
        });
      }
    }
  });

  describe("refused values", () => {
    const size = (example: string) => `the name of one of the cloud's sizes, such as ${example}`;
    const disk = "a whole number of GB from 10 to 16384";
    for (const [cloud, given, key, allowed, example] of [
      ["digitalocean", { region: "nyc 3" }, "region", /a DigitalOcean region/, "nyc3"],
      ["aws", { region: 1 }, "region", /an AWS region/, "us-east-1"],
      ["digitalocean", { image: "a b" }, "image", /an image's slug or number/, "docker-20-04"],
      ["aws", { image: 5 }, "image", /an AMI/, "ami-0123456789abcdef0"],
      [
        "digitalocean",
        { workers: { size: 4 } },
        "workers.size",
        new RegExp(size("s-2vcpu-4gb")),
        "s-2vcpu-4gb",
      ],
      [
        "aws",
        { manager: { size: "" } },
        "manager.size",
        new RegExp(size("t3.medium")),
        "t3.medium",
      ],
      ["aws", { workers: { disk: 9 } }, "workers.disk", new RegExp(disk), "30"],
      ["aws", { workers: { disk: "30GB" } }, "workers.disk", new RegExp(disk), "30"],
      ["aws", { manager: { disk: 16385 } }, "manager.disk", new RegExp(disk), "30"],
      ["aws", { workers: { count: 0 } }, "workers.count", /a whole number from 1 to 100/, "2"],
      [
        "digitalocean",
        { digitalocean: { reservedAddress: "yes" } },
        "digitalocean.reservedAddress",
        /true or false/,
        "true",
      ],
      [
        "aws",
        { aws: { subnet: "" } },
        "aws.subnet",
        /the id of a subnet/,
        "subnet-0123456789abcdef0",
      ],
      ["aws", { aws: { buckets: "my-data" } }, "aws.buckets", /a list of S3 buckets/, "my-data"],
      ["aws", { aws: { buckets: ["My_Data"] } }, "aws.buckets[0]", /an S3 bucket/, "my-data"],
      ["aws", { budget: { maxHourly: 0 } }, "budget.maxHourly", /above 0: US dollars/, "0.5"],
    ] as const) {
      it(`${cloud}: ${JSON.stringify(given)}`, () => {
        const [problem = "", ...others] = problemsOf(configOf(cloud, given));
        assert.deepEqual(others, []);
        assert.ok(problem.startsWith(`${key}: `), problem);
        assert.match(problem, /: .* was given; it must be /);
        assert.match(problem, allowed);
        const path = key === "aws.buckets" ? "aws.buckets[0]" : key;
        const flag = path.includes(".") ? "--path " : "";
        const hint = `Set it with: pulumi config set ${flag}'${path}' ${example}`;
        assert.ok(problem.endsWith(hint), problem);
      });
    }
  });

  describe("keys of another cloud", () => {
    for (const [cloud, key, others] of [
      ["digitalocean", "aws", "aws"],
      ["aws", "digitalocean", "digitalocean"],
      ["local", "region", "digitalocean and aws"],
      ["local", "access", "digitalocean and aws"],
      ["local", "budget", "digitalocean and aws"],
      ["digitalocean", "workers.memory", "local"],
      ["aws", "workers.cpus", "local"],
      ["aws", "manager.memory", "local"],
      ["digitalocean", "workers.disk", "aws"],
      ["local", "workers.size", "digitalocean and aws"],
      ["local", "lifetime.token", "digitalocean"],
    ] as const) {
      it(`${key} on ${cloud}`, () => {
        const [first = "", second] = key.split(".");
        const given = { [first]: second ? { [second]: 1 } : {} };
        const needed = cloud === "local" ? {} : { access };
        const [problem = "", ...more] = problemsOf(pulumiConfig({ cloud, ...needed, ...given }));
        assert.deepEqual(more, []);
        assert.ok(
          problem.startsWith(
            `${key}: this key is for cloud ${others}, and this is cloud ${cloud}. `,
          ),
          problem,
        );
        const flag = second ? "--path " : "";
        assert.ok(problem.endsWith(`Remove it with: pulumi config rm ${flag}'${key}'`), problem);
      });
    }
  });

  it("every problem is reported at once", () => {
    const problems = problemsOf(
      pulumiConfig({
        cloud: "digitalocean",
        region: 5,
        workers: { count: 0, spot: true, disk: 30 },
        lifetime: { ttl: "8", token: 5 },
        budget: { maxHourly: "cheap" },
        aws: {},
        acess: access,
      }),
    );
    assert.deepEqual(problems.map((problem) => problem.split(":")[0]).sort(), [
      "access.allowFrom",
      "acess",
      "aws",
      "budget.maxHourly",
      "lifetime.token",
      "lifetime.ttl",
      "region",
      "workers.count",
      "workers.disk",
      "workers.spot",
    ]);
  });
});
