// The parts of the API's answers that are read: https://docs.digitalocean.com/reference/api/

export interface Droplet {
  id: number;
  name: string;
  memory: number;
  vcpus: number;
  disk: number;
  locked: boolean;
  status: "new" | "active" | "off" | "archive";
  created_at: string;
  features: string[];
  image: { id: number; slug: string | null };
  volume_ids: string[];
  size: { slug: string; price_hourly: number; price_monthly: number };
  networks: { v4: { ip_address: string; type: "public" | "private" }[] };
  region: { slug: string };
  tags: string[];
  vpc_uuid: string;
}

export interface Action {
  id: number;
  status: "in-progress" | "completed" | "errored";
}

export interface Firewall {
  id: string;
  name: string;
  status: string;
  inbound_rules: (FirewallRule & { sources: Peers })[];
  outbound_rules: (FirewallRule & { destinations: Peers })[];
  created_at: string;
  droplet_ids: number[];
  tags: string[];
  pending_changes: { droplet_id: number; removing: boolean; status: string }[];
}

export interface FirewallRule {
  protocol: string;
  ports: string;
}

export interface Peers {
  addresses?: string[];
  tags?: string[];
  droplet_ids?: number[];
}

export interface Vpc {
  id: string;
  urn: string;
  name: string;
  description: string;
  ip_range: string;
  region: string;
  created_at: string;
  default: boolean;
}

export interface SshKey {
  id: number;
  name: string;
  fingerprint: string;
  public_key: string;
}

export interface Tag {
  name: string;
  resources: Record<
    "droplets" | "images" | "volumes" | "volume_snapshots" | "databases",
    { count: number }
  > & { count: number };
}

export interface Project {
  id: string;
  owner_uuid: string;
  owner_id: number;
  name: string;
  description: string;
  purpose: string;
  environment: string;
  is_default: boolean;
  created_at: string;
  updated_at: string;
}

export interface ReservedIp {
  ip: string;
  droplet: Droplet | null;
  region: { slug: string };
}

export interface Size {
  slug: string;
  memory: number;
  vcpus: number;
  disk: number;
  transfer: number;
  price_monthly: number;
  price_hourly: number;
  regions: string[];
  available: boolean;
}

export interface Region {
  slug: string;
  name: string;
  sizes: string[];
  features: string[];
  available: boolean;
}

export interface Image {
  id: number;
  name: string;
  type: string;
  distribution: string;
  slug: string | null;
  public: boolean;
  regions: string[];
  min_disk_size: number;
  size_gigabytes: number;
  created_at: string;
  description: string;
  tags: string[];
  status: string;
  error_message: string;
}
