import type { Cloud, MachineSpec, StartCloud } from "../../emulators/clouds/contract";
import { serve } from "../../emulators/clouds/daemon";

/** A cloud whose API is that of the machines themselves. */
const start: StartCloud = async ({ machines }) => {
  const off: string[] = [];
  const cloud: Cloud = {
    routes(server) {
      server.post<{ Params: { work: keyof typeof machines }; Body: unknown[] }>(
        "/:work",
        async ({ params, body }) => {
          const work = machines[params.work] as (...args: unknown[]) => unknown;
          const args = params.work === "create" ? [withEvents(body[0] as MachineSpec)] : body;
          return { result: await work.apply(machines, args) };
        },
      );
      server.get("/off", async () => off);
      server.get("/metadata", async ({ ip }) => machines.byAddress(ip) ?? "nobody");
    },
    environment: (endpoint) => ({ ENDPOINT: endpoint }),
    images: { docker: "docker", snapshot: "snapshot" },
    state: () => [],
    close: async () => {},
  };
  const withEvents = (spec: MachineSpec) => ({ ...spec, onPowerOff: () => off.push(spec.id) });
  return cloud;
};

serve(start, JSON.parse(process.argv[2] ?? ""));
