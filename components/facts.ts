/**
 * What components, images, program and tool have to agree on. Free of Pulumi: the tool must start at once. Shell scripts
 * and Dockerfiles spell these out; test/unit/components/facts.test.ts compares.
 */

/** User and group of everything in images/spark, and so of the hosts' folders that it writes. Spark's own images have it too. */
export const SPARK_USER = "185";

/** Folders of a host, which containers have at the same path. */
export const FOLDERS = {
  /** People's own files. */
  data: "/data",
  /** Event logs. */
  events: "/var/lib/spark/events",
  /** Jars that drivers downloaded. */
  ivy: "/var/lib/spark/ivy",
  /** Of applications on a worker. */
  work: "/var/lib/spark/work",
  /** Shuffle files of a worker. */
  local: "/var/lib/spark/local",
  /** The store's directory tree, in a volume of the manager. */
  namenode: "/var/lib/spark/namenode",
  /** The store's blocks, in a volume of each worker. */
  datanode: "/var/lib/spark/datanode",
  /** What tables there are, in a volume of the manager. */
  metastore: "/var/lib/spark/metastore",
  /** Notebooks, on the manager. */
  notebooks: "/var/lib/spark/notebooks",
  /** What a host is: its size, its role. */
  host: "/etc/spark-swarm",
  /** What the cluster keeps of itself. */
  state: "/var/lib/spark-swarm",
} as const;

/** The overlay network that everything is on. */
export const NETWORK = "spark";
/**
 * Its addresses: outside of what clouds and Docker's bridges use by default, and apart from the pool 10.202.0.0/16 that
 * `user-data.sh` gives to the networks of people's own stacks.
 */
export const SUBNET = "10.201.0.0/16";
/** How each of its addresses begins. */
export const OVERLAY_PREFIX = "10.201.";

/** The store's address, for Spark's programs. */
export const STORE = "hdfs://namenode:8020";

/** The names that the cluster's services have on the overlay, and the ports of what people open there. */
export const PORTS = {
  master: 8080,
  worker: 8081,
  history: 18080,
  driver: 4040,
  notebook: 8888,
  connect: 15002,
  sql: 10000,
  livy: 8998,
  monitoring: 9090,
} as const;
