/** An S3 service. */
export interface S3Args {
  /**
   * Its address, such as https://nyc3.digitaloceanspaces.com.
   *
   * @default AWS's own of the region
   */
  endpoint?: string;
  /** Its region, such as `nyc3`. */
  region: string;
  /**
   * The id of an access key, with `secretKey`.
   *
   * @default the credentials of the hosts' role, on AWS
   */
  accessKey?: string;
  /**
   * The secret half of the access key.
   *
   * @default none
   */
  secretKey?: string;
  /** Buckets in the path instead of the host's name: what most services but AWS want. */
  pathStyle: boolean;
}

/**
 * Hadoop's configuration (core-site.xml) for s3a: which service, and by which keys. It holds them, so it goes by a
 * secret. hadoop.apache.org/docs/r3.3.4/hadoop-aws/tools/hadoop-aws
 */
export function hadoopConfiguration(s3: S3Args): string {
  const properties: Record<string, string | undefined> = {
    "fs.s3a.endpoint": s3.endpoint,
    "fs.s3a.endpoint.region": s3.region,
    "fs.s3a.path.style.access": `${s3.pathStyle}`,
    "fs.s3a.connection.ssl.enabled": `${!s3.endpoint?.startsWith("http:")}`,
    "fs.s3a.access.key": s3.accessKey,
    "fs.s3a.secret.key": s3.secretKey,
    "fs.s3a.aws.credentials.provider": s3.accessKey
      ? "org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider"
      : "com.amazonaws.auth.profile.ProfileCredentialsProvider",
    // Files appear when a job commits, all or none; Spark's own way is a rename, which S3 does not have.
    "fs.s3a.committer.name": "magic",
    "fs.s3a.committer.magic.enabled": "true",
    "mapreduce.outputcommitter.factory.scheme.s3a":
      "org.apache.hadoop.fs.s3a.commit.S3ACommitterFactory",
  };
  const lines = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [`  <property><name>${name}</name><value>${escaped(value)}</value></property>`],
  );
  return ["<configuration>", ...lines, "</configuration>"].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
