/**
 * Values that components, images, program and tool share. This file must not import Pulumi: the tool must start at
 * once. Shell scripts and Dockerfiles repeat these values; test/unit/components/facts.test.ts compares them.
 */

/** User and group in images/spark, and so of the hosts' folders that it writes to. Spark's own images use it too. */
export const SPARK_USER = "185";

/** Folders of a host. Containers see them at the same paths. */
export const FOLDERS = {
  /** The user's files. */
  data: "/data",
  /** Event logs. */
  events: "/var/lib/spark/events",
  /** Jars that drivers downloaded. */
  ivy: "/var/lib/spark/ivy",
  /** Work directories of applications on a worker. */
  work: "/var/lib/spark/work",
  /** Shuffle files of a worker. */
  local: "/var/lib/spark/local",
  /** The store's directory tree, in a volume of the manager. */
  namenode: "/var/lib/spark/namenode",
  /** The store's blocks, in a volume of each worker. */
  datanode: "/var/lib/spark/datanode",
  /** The metastore of the tables, in a volume of the manager. */
  metastore: "/var/lib/spark/metastore",
  /** Notebooks, on the manager. */
  notebooks: "/var/lib/spark/notebooks",
  /** Facts about the host: its size, its role. */
  host: "/etc/spark-swarm",
  /** The cluster's own state. */
  state: "/var/lib/spark-swarm",
} as const;

/** The overlay network of all services. */
export const NETWORK = "spark";
/**
 * Its addresses. They are outside the defaults of clouds and of Docker's bridges, and apart from the pool 10.202.0.0/16
 * that `user-data.sh` gives to the networks of the user's stacks.
 */
export const SUBNET = "10.201.0.0/16";
/** The prefix of its addresses. */
export const OVERLAY_PREFIX = "10.201.";

/** The store's address, for Spark's programs. */
export const STORE = "hdfs://namenode:8020";

/** The names of the cluster's services on the overlay, and the ports that users open. */
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
