import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import type Docker from "dockerode";
import { compare, differs } from "../lib/bridge-diff";
import { checkInputs, isAutomaticallyNamed, isZero, refreshedInputs } from "../lib/bridge-inputs";
import { labelList, plannedState, shape } from "../lib/bridge-state";
import type { Fields } from "../lib/fields";
import { type Call, errorMessage, type Plugin, type ResourceType, serve } from "../lib/plugin";
import { type Properties, reveal, UNKNOWN } from "../lib/values";
import { containerState } from "./container";
import { daemonMessage, ignoring, requireImage, unlessGone, whileInUse } from "./daemon";
import { CONTAINER, NETWORK, VOLUME } from "./fields";
import {
  type ContainerInputs,
  createRequest,
  type Label,
  labelMap,
  limits,
  UNSUPPORTED_INPUTS,
  UPDATABLE_INPUTS,
} from "./request";
import { uploadArchive } from "./upload";

/** A stand-in for the official docker plugin, for machines that cannot download it. */
export function dockerPlugin(): Plugin {
  let host: string | undefined;
  let client: Docker | undefined;

  /** Connects on first use: a preview may run before the daemon exists. */
  function daemon(): Docker {
    if (client) return client;
    const DockerClient = require("dockerode") as typeof Docker;
    if (host) process.env.DOCKER_HOST = host;
    client = new DockerClient();
    return client;
  }

  return {
    name: "docker",
    version: "5.0.0",
    checkConfig: (news) => news,
    diffConfig: () => new rpc.DiffResponse(),
    configure: (config) => {
      const { host: given, version: _version, ...others } = reveal(config) as Properties;
      const unknown = Object.keys(others);
      if (unknown.length > 0) {
        throw new Error(`the docker stand-in is configured by host only, not by ${unknown}`);
      }
      host = typeof given === "string" && given !== UNKNOWN ? given : undefined;
      return new rpc.ConfigureResponse()
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    },
    resources: {
      "docker:index/container:Container": resource(CONTAINER, containerWork(daemon), true),
      "docker:index/network:Network": resource(NETWORK, networkWork(daemon)),
      "docker:index/volume:Volume": resource(VOLUME, volumeWork(daemon)),
    },
  };
}

/** What differs between the resource types: their daemon calls. */
interface Work {
  check?(inputs: Properties): string[];
  create(call: Call, inputs: Properties): Promise<{ id: string; state: Properties }>;
  update?(id: string, state: Properties, inputs: Properties): Promise<void>;
  read(id: string, state: Properties): Promise<Properties>;
  delete(call: Call, id: string, state: Properties): Promise<void>;
}

function resource(fields: Fields, work: Work, deleteBeforeReplace = false): ResourceType {
  return {
    check: (inputs, context) => {
      const checked = checkInputs(fields, inputs, context, true);
      const reasons = work.check?.(checked.inputs) ?? [];
      const failures = reasons.map((reason) => ({ property: "", reason }));
      return { ...checked, failures: [...checked.failures, ...failures] };
    },
    diff: (state, inputs) => ({
      ...compare(fields, state, inputs),
      deleteBeforeReplace: deleteBeforeReplace || !isAutomaticallyNamed(inputs),
    }),
    create: (call, inputs) => {
      if (call.preview) return Promise.resolve({ id: "", state: plannedState(fields, inputs) });
      return reporting("creating", call, () => work.create(call, inputs));
    },
    update: async (call, id, state, inputs) => {
      if (!call.preview) {
        await reporting("updating", call, async () => work.update?.(id, state, inputs));
      }
      const changed = Object.keys(fields).filter((key) => {
        const field = fields[key];
        return field && !field.output && differs(field, state[key], inputs[key]);
      });
      const wanted = shape(fields, inputs, "null");
      return {
        ...state,
        ...Object.fromEntries(changed.map((key) => [key, wanted[key] ?? null])),
      };
    },
    read: (call, id, state, inputs) =>
      reporting("refreshing", call, async () => {
        const found = await unlessGone(() => work.read(id, state));
        if (!found) return undefined;
        const changed = (key: string) => {
          const field = fields[key];
          return field !== undefined && differs(field, found[key], inputs[key]);
        };
        return { state: found, inputs: refreshedInputs(inputs, found, changed) };
      }),
    delete: (call, id, state) =>
      reporting("deleting", call, async () => {
        await unlessGone(() => work.delete(call, id, state));
      }),
  };
}

function containerWork(daemon: () => Docker): Work {
  async function prepare(call: Call, container: Docker.Container, inputs: ContainerInputs) {
    const { networksAdvanced = [], uploads = [] } = inputs;
    if (networksAdvanced.length > 0) {
      await disconnectDefault(daemon(), container.id);
    }
    for (const network of networksAdvanced) {
      call.signal.throwIfAborted();
      await daemon()
        .getNetwork(network.name)
        .connect({
          Container: container.id,
          EndpointConfig: {
            Aliases: network.aliases,
            MacAddress: network.macAddress,
            IPAMConfig: {
              IPv4Address: network.ipv4Address,
              IPv6Address: network.ipv6Address,
              LinkLocalIPs: network.linkLocalIps,
            },
          },
        });
    }
    for (const upload of uploads) await container.putArchive(uploadArchive(upload), { path: "/" });
    call.signal.throwIfAborted();
    if (inputs.start !== false) await container.start();
  }

  return {
    check: (inputs) =>
      UNSUPPORTED_INPUTS.filter((key) => !isZero(inputs[key])).map(
        (key) => `the docker stand-in does not know ${key}`,
      ),
    create: async (call, inputs) => {
      const wanted = inputs as unknown as ContainerInputs;
      await requireImage(daemon(), wanted.image);
      const container = await daemon().createContainer(createRequest(wanted));
      try {
        await prepare(call, container, wanted);
        const state = containerState(await container.inspect(), inputs, "created");
        return { id: container.id, state };
      } catch (error) {
        // Otherwise the engine would not know it, and its name would block the next attempt.
        await unlessGone(() => container.remove({ force: true, v: true }));
        throw error;
      }
    },
    update: async (id, state, inputs) => {
      const container = daemon().getContainer(id);
      const wanted = inputs as unknown as ContainerInputs;
      if (state.mustRun === false && inputs.mustRun !== false && wanted.start !== false) {
        await container.start();
      }
      const changed = UPDATABLE_INPUTS.some((key) => {
        const field = CONTAINER[key];
        return field && differs(field, state[key], inputs[key]);
      });
      if (changed) await container.update(limits(wanted));
    },
    read: async (id, state) =>
      containerState(await daemon().getContainer(id).inspect(), state, "refreshed"),
    delete: async (_call, id, state) => {
      const container = daemon().getContainer(id);
      await ignoring([304], () => container.stop({ t: Number(state.destroyGraceSeconds ?? 0) }));
      // 409: another client is already removing it.
      await ignoring([409], () =>
        container.remove({ force: true, v: state.removeVolumes !== false }),
      );
      await container.wait({ condition: "removed" });
    },
  };
}

async function disconnectDefault(daemon: Docker, container: string): Promise<void> {
  try {
    await daemon.getNetwork("bridge").disconnect({ Container: container });
  } catch (error) {
    if (!/is not connected to/.test(errorMessage(error))) throw error;
  }
}

interface NetworkInputs {
  name: string;
  attachable?: boolean;
  driver?: string;
  ingress?: boolean;
  internal?: boolean;
  ipamConfigs?: {
    auxAddress?: Record<string, string>;
    gateway?: string;
    ipRange?: string;
    subnet?: string;
  }[];
  ipamDriver?: string;
  ipamOptions?: Record<string, string>;
  ipv6?: boolean;
  labels?: Label[];
  options?: Record<string, string>;
}

function networkWork(daemon: () => Docker): Work {
  async function stateOf(id: string, configured: Properties, moment: "created" | "refreshed") {
    const found: Docker.NetworkInspectInfo = await daemon().getNetwork(id).inspect();
    const asked = shape(NETWORK, configured, "null");
    const fresh = moment === "created";
    const pools = (found.IPAM?.Config ?? []).map((pool) => ({
      auxAddress: {},
      gateway: pool.Gateway ?? "",
      ipRange: pool.IPRange ?? "",
      subnet: pool.Subnet ?? "",
    }));
    return {
      __meta: JSON.stringify({ schema_version: "1" }),
      id: found.Id,
      name: found.Name,
      attachable: found.Attachable,
      driver: found.Driver,
      ingress: found.Ingress,
      internal: found.Internal,
      ipamConfigs: fresh && configured.ipamConfigs ? (asked.ipamConfigs ?? []) : pools,
      ipamDriver: found.IPAM?.Driver ?? "default",
      ipamOptions: fresh ? (asked.ipamOptions ?? null) : (found.IPAM?.Options ?? {}),
      ipv6: found.EnableIPv6,
      labels: labelList(found.Labels),
      options: found.Options ?? {},
      scope: found.Scope,
    };
  }

  return {
    create: async (_call, inputs) => {
      const wanted = inputs as unknown as NetworkInputs;
      const { id } = await daemon().createNetwork({
        Name: wanted.name,
        CheckDuplicate: true,
        Attachable: wanted.attachable,
        Driver: wanted.driver,
        EnableIPv6: wanted.ipv6,
        Ingress: wanted.ingress,
        Internal: wanted.internal,
        IPAM: {
          Driver: wanted.ipamDriver ?? "default",
          Options: wanted.ipamOptions ?? {},
          Config: (wanted.ipamConfigs ?? []).map((pool) => ({
            AuxiliaryAddresses: pool.auxAddress,
            Gateway: pool.gateway,
            IPRange: pool.ipRange,
            Subnet: pool.subnet,
          })),
        },
        Labels: labelMap(wanted.labels),
        Options: wanted.options ?? {},
      });
      return { id, state: await stateOf(id, inputs, "created") };
    },
    read: (id, state) => stateOf(id, state, "refreshed"),
    delete: (call, id) =>
      whileInUse(call, /has active endpoints/, () => daemon().getNetwork(id).remove()),
  };
}

interface VolumeInputs {
  name: string;
  driver?: string;
  driverOpts?: Record<string, string>;
  labels?: Label[];
}

function volumeWork(daemon: () => Docker): Work {
  async function stateOf(name: string, configured: Properties, moment: "created" | "refreshed") {
    const found: Docker.VolumeInspectInfo = await daemon().getVolume(name).inspect();
    return {
      __meta: JSON.stringify({ schema_version: "1" }),
      id: found.Name,
      name: found.Name,
      cluster: null,
      driver: found.Driver,
      driverOpts: moment === "created" ? (configured.driverOpts ?? null) : (found.Options ?? {}),
      labels: labelList(found.Labels),
      mountpoint: found.Mountpoint,
    };
  }

  return {
    check: ({ cluster }) => (isZero(cluster) ? [] : ["the docker stand-in does not know cluster"]),
    create: async (_call, inputs) => {
      const wanted = inputs as unknown as VolumeInputs;
      await daemon().createVolume({
        Name: wanted.name,
        Driver: wanted.driver ?? "local",
        DriverOpts: wanted.driverOpts,
        Labels: labelMap(wanted.labels),
      });
      return { id: wanted.name, state: await stateOf(wanted.name, inputs, "created") };
    },
    read: (id, state) => stateOf(id, state, "refreshed"),
    delete: (call, id) =>
      whileInUse(call, /volume is in use/, () => daemon().getVolume(id).remove()),
  };
}

/** Converts an error to the form of the official plugin's. */
async function reporting<Result>(doing: string, { urn }: Call, work: () => Promise<Result>) {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${doing} ${urn}: 1 error occurred:\n\t* ${daemonMessage(error)}\n\n`);
  }
}

if (require.main === module) serve(dockerPlugin(), process.argv[2]);
