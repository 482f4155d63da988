import assert from "node:assert/strict";
import type { Properties, Value } from "../../emulators/plugins/lib/values";
import { IMAGE, leftovers, PREFIX } from "./docker-daemon";
import { describeDockerPlugin } from "./docker-plugin";
import type { Response } from "./plugin-process";
import { type Recording, recorded } from "./recordings";
import { CONTAINER, NETWORK, urnOf, VOLUME } from "./resource-types";

/** From the range for benchmarks, from which no daemon assigns addresses by itself. */
const SUBNET = "198.18.77";

describeDockerPlugin((plugin) => {
  /** Containers of the recordings, with their networks and volumes. */
  for (const session of ["a", "b"]) {
    it(`creates, reads and deletes as recorded in session ${session}`, async () => {
      const volume = recordingOf(session, "Create", VOLUME, () => true);
      const network = recordingOf(session, "Create", NETWORK, () => true);
      const container = recordingOf(session, "Create", CONTAINER, ({ request }) =>
        volumeNamesOf(request.properties).includes(nameOf(volume)),
      );

      const madeVolume = await replay(volume);
      const madeNetwork = await replay(network);
      const madeContainer = await replay(container);

      await reread(session, NETWORK, madeNetwork);
      await reread(session, VOLUME, madeVolume);
      await reread(session, CONTAINER, madeContainer);

      await plugin.remove(CONTAINER, madeContainer.id ?? "", madeContainer.properties ?? {});
      await plugin.remove(NETWORK, madeNetwork.id ?? "", madeNetwork.properties ?? {});
      await plugin.remove(VOLUME, madeVolume.id ?? "", madeVolume.properties ?? {});
      assert.deepEqual(await leftovers(plugin.daemon), []);
    });
  }

  async function replay({ type, request, response }: Recording): Promise<Response> {
    const properties = localised(request.properties ?? {});
    const made = await plugin.call("Create", { urn: urnOf(type), properties });
    assert.deepEqual(
      comparable(made.properties ?? {}),
      comparable(localised(response?.properties ?? {})),
    );
    assert.equal(made.properties?.id, made.id);
    return { ...made, inputs: properties };
  }

  /** Refreshes, and compares with the first recorded refresh of a resource of this name. */
  async function reread(session: string, type: string, made: Response): Promise<void> {
    const { id = "", properties = {}, inputs = {} } = made;
    const { response } = recordingOf(
      session,
      "Read",
      type,
      (call) => call.response?.id !== undefined && localNameOf(call) === properties.name,
    );
    const found = await plugin.call("Read", { urn: urnOf(type), id, properties, inputs });
    assert.equal(found.id, id);
    // Session a changed the environment between the two recordings.
    const sameEnvironment = (read: Properties) => ({ ...read, envs: [] });
    assert.deepEqual(
      sameEnvironment(comparable(found.properties ?? {})),
      sameEnvironment(comparable(localised(response?.properties ?? {}))),
    );
    assert.deepEqual(
      sameEnvironment(found.inputs ?? {}),
      sameEnvironment(localised(response?.inputs ?? {})),
    );
  }
});

function recordingOf(
  session: string,
  method: "Create" | "Read",
  type: string,
  suits: (call: Recording) => boolean,
): Recording {
  const found = recorded(method, type).find((call) => call.session === session && suits(call));
  assert(found, `no ${method} of ${type} in session ${session}`);
  return found;
}

const nameOf = ({ request }: Recording) => request.properties?.name;
const localNameOf = (call: Recording) => localised(call.request.properties ?? {}).name;

function volumeNamesOf(properties: Properties = {}): (Value | undefined)[] {
  return ((properties.volumes ?? []) as Properties[]).map(({ volumeName }) => volumeName);
}

/** The recorded properties with this test's own names, image and addresses. */
function localised(properties: Properties): Properties {
  const text = JSON.stringify(properties)
    .replace(/\b(poc|stk)-/g, `${PREFIX}-$1-`)
    .replaceAll("host:latest", IMAGE)
    .replace(/sha256:[0-9a-f]{64}/g, IMAGE)
    .replaceAll("172.30.0", SUBNET);
  return JSON.parse(text);
}

/** Without values that the daemon chooses each time, but still showing whether they exist. */
function comparable(properties: Properties): Properties {
  const text = JSON.stringify(properties)
    .replace(/[0-9a-f]{64}/g, "<id>")
    .replace(/"external":[1-9]\d*/g, '"external":"<port>"')
    .replace(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, "<mac>")
    .replace(/\b(172|192)\.\d+\.\d+\.\d+(\/\d+)?/g, "<address>")
    .replace(/("ipPrefixLength":)(16|20)\b/g, '$1"<daemon\'s>"')
    .replace(/("mountpoint":")[^"]*(\/volumes\/)/g, "$1<root>$2");
  return JSON.parse(text);
}
