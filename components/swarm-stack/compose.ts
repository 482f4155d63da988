/** The part of the Compose file format (version 3.8) that our own stacks use. */
export interface ComposeDocument {
  version: "3.8";
  services: Record<string, ComposeService>;
  networks?: Record<string, { external: true; name: string }>;
  secrets?: Record<string, { external: true; name: string }>;
  /** By default a volume stays on its host as long as the host exists. */
  volumes?: Record<
    string,
    { name?: string; driver?: "local"; driver_opts?: Record<string, string> }
  >;
}

export interface ComposeService {
  image: string;
  entrypoint?: string[];
  command?: string[];
  hostname?: string;
  environment?: Record<string, string>;
  /** Labels of its containers. */
  labels?: Record<string, string>;
  networks: Record<string, { aliases?: string[] }>;
  ports?: { target: number; published: number; mode: "host" }[];
  secrets?: { source: string; target: string; uid?: string; gid?: string; mode?: number }[];
  volumes?: { type: "bind" | "volume"; source: string; target: string; read_only?: boolean }[];
  stop_grace_period?: string;
  deploy: {
    mode?: "global" | "replicated";
    /** dnsrr: names resolve to the tasks themselves, since long idle connections over virtual addresses break. */
    endpoint_mode: "dnsrr";
    placement: { constraints: string[] };
    resources?: { limits: { memory: string }; reservations: { memory: string } };
    restart_policy?: { condition: "any" | "on-failure"; delay: string };
    update_config?: { order?: "stop-first"; parallelism: number };
  };
}
