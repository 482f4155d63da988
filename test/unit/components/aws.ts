import type { MockCallArgs, MockCallResult } from "@pulumi/pulumi/runtime";
import type { Hosts } from "../../../components/hosts/contract";
import type { Cloud } from "../../../program/clouds/cloud";
import { openCloud } from "../../../program/clouds/open";
import { parseSettings } from "../../../program/settings/settings";
import { pulumiConfig } from "./config";
import { type Run, run, type World } from "./mocks";
import { priceList } from "./price-list";

interface Type {
  defaultVcpus: number;
  memorySize: number;
  supportedArchitectures: string[];
  zones: string[];
}

const type = (defaultVcpus: number, memorySize: number, architecture: string, zones: string) => ({
  defaultVcpus,
  memorySize,
  supportedArchitectures: [architecture],
  zones: [...zones].map((letter) => `us-east-1${letter}`),
});

const TYPES: Record<string, Type> = {
  "t3.medium": type(2, 4096, "x86_64", "fbca"),
  "m7i.large": type(2, 8192, "x86_64", "dcb"),
  "c7i.large": type(2, 4096, "x86_64", "e"),
  "free.large": type(2, 4096, "x86_64", "a"),
  "m7g.large": type(2, 8192, "arm64", "ab"),
  "t4g.medium": type(2, 4096, "arm64", "b"),
};

/** Spot prices, by type and zone. */
const SPOT: Record<string, string> = {
  "t3.medium us-east-1a": "0.014500",
  "m7i.large us-east-1b": "0.035000",
  "m7i.large us-east-1d": "0.099000",
};

/** Answers the program's requests to AWS, with the plugin's errors if there is no result. */
export function amazon() {
  const answers: Record<string, (inputs: never) => MockCallResult> = {
    "ec2/getInstanceType:getInstanceType": ({ instanceType }: { instanceType: string }) => {
      const found = TYPES[instanceType];
      if (!found) throw new Error("no matching EC2 Instance Type found");
      return found;
    },
    "ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": ({
      locationType,
      filters,
    }: {
      locationType: string;
      filters: { name: string; values: string[] }[];
    }) => {
      if (locationType !== "availability-zone") throw new Error(`locations are ${locationType}s`);
      const [{ name = "", values: [wanted = ""] = [] } = {}] = filters;
      return { locations: name === "instance-type" ? TYPES[wanted]?.zones : [] };
    },
    "ec2/getSpotPrice:getSpotPrice": (inputs: {
      instanceType: string;
      availabilityZone: string;
    }) => {
      const spotPrice = SPOT[`${inputs.instanceType} ${inputs.availabilityZone}`];
      if (!spotPrice) {
        throw new Error("no EC2 Spot Price History found matching criteria; try different search");
      }
      return { spotPrice };
    },
    "ec2/getAmi:getAmi": ({ filters }: { filters: { name: string; values: string[] }[] }) => {
      const [{ name = "", values: [wanted = ""] = [] } = {}] = filters;
      if (name === "name") return { id: `ami of ${wanted}` };
      if (name === "image-id" && wanted === "ami-0123") return { id: wanted };
      throw new Error("Your query returned no results. Please change your search criteria");
    },
    "ec2/getSubnet:getSubnet": ({ id }: { id: string }) => ({
      id,
      vpcId: "vpc-theirs",
      cidrBlock: "172.31.16.0/20",
      availabilityZone: "us-east-1d",
    }),
    "pricing/getProduct:getProduct": priceList,
  };
  return ({ token, inputs }: MockCallArgs): MockCallResult => {
    const answer = answers[token.replace(/^aws:/, "")];
    if (!answer) throw new Error(`unexpected: ${token}`);
    return answer(inputs as never);
  };
}

/** The inputs of the calls of a function. */
export function asked(
  { calls }: { calls: MockCallArgs[] },
  name: string,
): MockCallArgs["inputs"][] {
  return calls.filter(({ token }) => token.endsWith(`:${name}`)).map(({ inputs }) => inputs);
}

type Made = Run<{ cloud: Cloud; hosts: Hosts }>;
const runs = new Map<string, Promise<Made>>();

/** The hosts "lab" of a configuration. Each is made once, since tests only read it. */
export function instances(
  preview: boolean,
  config: Record<string, unknown> = {},
  world: World = {},
): Promise<Made> {
  const given = { access: { allowFrom: ["198.51.100.7"] }, ...config, cloud: "aws" };
  const key = JSON.stringify([preview, given, world.exists]);
  const known = world.call ? undefined : runs.get(key);
  if (known) return known;
  const made = run(
    preview,
    async () => {
      const cloud = await openCloud(parseSettings(pulumiConfig(given)));
      return { cloud, hosts: cloud.createHosts("lab", { images: [] }) };
    },
    { call: amazon(), ...world },
  );
  if (!world.call) runs.set(key, made);
  return made;
}
