import assert from "node:assert/strict";
import { droplets } from "./digitalocean";
import { type Inputs, inPreviewAndUpdate, UNKNOWN } from "./mocks";
import { TAG_SUFFIX } from "./providers";

const TAG = `lab${TAG_SUFFIX}`;
const FIREWALL = "digitalocean:index/firewall:Firewall";

inPreviewAndUpdate((preview) => {
  describe("firewalls of droplets", () => {
    const named = (name: string) => (preview ? UNKNOWN : `${TAG}${name}`);
    const [all, manager] = [named(""), named("-manager")];
    // Every rule has the same keys: a refresh by the official plugin drops keys that the rule in the same place lacks.
    const fromHosts = { sourceTags: [all], sourceAddresses: [] };
    const fromPeople = { sourceTags: [], sourceAddresses: ["198.51.100.7/32", "203.0.113.0/24"] };
    const access = { allowFrom: ["198.51.100.7", "203.0.113.0/24"] };
    const anywhere = { destinationAddresses: ["0.0.0.0/0", "::/0"] };
    const outboundRules = [
      { protocol: "tcp", portRange: "1-65535", ...anywhere },
      { protocol: "udp", portRange: "1-65535", ...anywhere },
    ];

    it("allow only the traffic that hosts need between each other", async () => {
      const { find } = await droplets(preview, { access });
      assert.deepEqual(find("lab-hosts-firewall").inputs, {
        name: named("-hosts"),
        tags: [all],
        inboundRules: [
          { protocol: "tcp", portRange: "7946", ...fromHosts },
          { protocol: "udp", portRange: "7946", ...fromHosts },
          { protocol: "udp", portRange: "4789", ...fromHosts },
          { protocol: "tcp", portRange: "22", sourceTags: [manager], sourceAddresses: [] },
        ],
        outboundRules,
      } satisfies Inputs);
    });

    it("admit users to the manager's SSH and bastion, and hosts to what joining needs", async () => {
      const { find } = await droplets(preview, { access });
      assert.deepEqual(find("lab-manager-firewall").inputs, {
        name: named("-manager"),
        tags: [manager],
        inboundRules: [
          { protocol: "tcp", portRange: "22", ...fromHosts },
          { protocol: "tcp", portRange: "2377", ...fromHosts },
          { protocol: "tcp", portRange: "5000", ...fromHosts },
          { protocol: "tcp", portRange: "22", ...fromPeople },
          { protocol: "tcp", portRange: "2222", ...fromPeople },
        ],
        outboundRules,
      } satisfies Inputs);
    });

    it("are two, with unique names in the account, and exist before any droplet", async () => {
      const { registered, find } = await droplets(preview, { access });
      const firewalls = registered.filter(({ type }) => type === FIREWALL);
      assert.deepEqual(
        firewalls.map(({ name }) => name),
        ["lab-hosts-firewall", "lab-manager-firewall"],
      );
      for (const { deleteBeforeReplace, name, dependsOn } of firewalls) {
        assert.ok(deleteBeforeReplace, name);
        assert.ok(dependsOn.includes("lab-manager-tag") && dependsOn.includes("lab-tag"), name);
      }
      for (const name of ["lab-manager", "lab-worker-0", "lab-worker-1"]) {
        for (const firewall of firewalls) {
          assert.ok(find(name).dependsOn.includes(firewall.name), `${name}: ${firewall.name}`);
        }
      }
    });
  });
});
