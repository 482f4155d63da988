import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { type Call, type Plugin, serve } from "../lib/plugin";
import { type Properties, reveal, UNKNOWN, type Value } from "../lib/values";
import { sshKeys, tags, vpcs } from "./account";
import { type ClientOptions, DigitalOceanClient } from "./client";
import { droplets } from "./droplet";
import { firewalls } from "./firewall";
import { functions } from "./functions";
import { projectResources, projects } from "./project";
import { reservedIpAssignments, reservedIps } from "./reserved-ip";
import { reporting, resource } from "./resource";

/** The address of the real cloud. */
const OFFICIAL_ENDPOINT = "https://api.digitalocean.com";

/** A stand-in for the official digitalocean plugin: for the emulated cloud. */
export function digitalOceanPlugin(): Plugin {
  let options: ClientOptions | undefined;

  function client(signal: AbortSignal): DigitalOceanClient {
    if (!options) throw new Error("the digitalocean stand-in is not configured");
    return new DigitalOceanClient(options, signal);
  }
  const connect = ({ signal }: Call) => client(signal);

  return {
    name: "digitalocean",
    version: "4.80.1",
    checkConfig: (news) => news,
    diffConfig: () => new rpc.DiffResponse(),
    configure: (config) => {
      options = optionsOf(reveal(config) as Properties);
      return new rpc.ConfigureResponse()
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    },
    resources: {
      "digitalocean:index/droplet:Droplet": resource(connect, droplets),
      "digitalocean:index/firewall:Firewall": resource(connect, firewalls),
      "digitalocean:index/project:Project": resource(connect, projects),
      "digitalocean:index/projectResources:ProjectResources": resource(connect, projectResources),
      "digitalocean:index/reservedIp:ReservedIp": resource(connect, reservedIps),
      "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": resource(
        connect,
        reservedIpAssignments,
      ),
      "digitalocean:index/sshKey:SshKey": resource(connect, sshKeys),
      "digitalocean:index/tag:Tag": resource(connect, tags),
      "digitalocean:index/vpc:Vpc": resource(connect, vpcs),
    },
    functions: Object.fromEntries(
      Object.entries(functions).map(([name, work]) => {
        const token = `digitalocean:index/${name}:${name}`;
        const run = (args: Properties, signal: AbortSignal) =>
          reporting(`invoking ${token}: `, () => work(client(signal), args));
        return [token, run];
      }),
    ),
  };
}

/** @throws Error if it would use the real cloud, for which it is not made */
function optionsOf(config: Properties): ClientOptions {
  const { DIGITALOCEAN_API_URL, DIGITALOCEAN_TOKEN, DIGITALOCEAN_ACCESS_TOKEN } = process.env;
  const endpoint = textOf(config.apiEndpoint) ?? DIGITALOCEAN_API_URL;
  if (!endpoint || endpoint === OFFICIAL_ENDPOINT) {
    throw new Error(
      "this stand-in for the digitalocean plugin serves the emulated cloud only, at DIGITALOCEAN_API_URL; install the official plugin",
    );
  }
  const number = (value: Value | undefined, variable: string, standard: number) =>
    Number(textOf(value) ?? process.env[variable] ?? standard);
  return {
    endpoint,
    token: textOf(config.token) ?? DIGITALOCEAN_TOKEN ?? DIGITALOCEAN_ACCESS_TOKEN ?? "",
    retries: number(config.httpRetryMax, "DIGITALOCEAN_HTTP_RETRY_MAX", 4),
    waitMin: number(config.httpRetryWaitMin, "DIGITALOCEAN_HTTP_RETRY_WAIT_MIN", 1),
    waitMax: number(config.httpRetryWaitMax, "DIGITALOCEAN_HTTP_RETRY_WAIT_MAX", 30),
  };
}

function textOf(value: Value | undefined): string | undefined {
  return value === undefined || value === null || value === UNKNOWN ? undefined : String(value);
}

if (require.main === module) serve(digitalOceanPlugin(), process.argv[2]);
