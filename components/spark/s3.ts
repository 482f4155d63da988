/** An S3 service. */
export interface S3Args {
  /**
   * Its address, such as https://nyc3.digitaloceanspaces.com.
   *
   * @default AWS's endpoint of the region
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
  /**
   * The session token of temporary keys, such as those of AWS's SSO.
   *
   * @default none
   */
  sessionToken?: string;
  /**
   * Public buckets, which are read without keys.
   *
   * @default none
   */
  publicBuckets?: string[];
  /**
   * Whether the hosts have a role, on AWS, whose credentials are used when no keys are given.
   *
   * @default whether there are neither keys nor public buckets
   */
  role?: boolean;
  /** Buckets in the path instead of the host name, as most services other than AWS need. */
  pathStyle: boolean;
}

/** Whether it is reached with the credentials of the hosts' role. */
export function byRole({ accessKey, publicBuckets = [], role }: S3Args): boolean {
  return accessKey === undefined && (role ?? publicBuckets.length === 0);
}

const CREDENTIALS = "fs.s3a.aws.credentials.provider";
const S3A = "org.apache.hadoop.fs.s3a";
const COMMITTERS = "mapreduce.outputcommitter.factory.scheme";

/**
 * Hadoop's configuration (core-site.xml) for s3a, with s3 as another name for it: the service and the keys. It is
 * passed as a secret, since it holds the keys. hadoop.apache.org/docs/r3.3.4/hadoop-aws/tools/hadoop-aws
 */
export function hadoopConfiguration(s3: S3Args): string {
  const properties: Record<string, string | undefined> = {
    "fs.s3a.endpoint": s3.endpoint,
    "fs.s3a.endpoint.region": s3.region,
    "fs.s3a.path.style.access": `${s3.pathStyle}`,
    "fs.s3a.connection.ssl.enabled": `${!s3.endpoint?.startsWith("http:")}`,
    "fs.s3a.access.key": s3.accessKey,
    "fs.s3a.secret.key": s3.secretKey,
    "fs.s3a.session.token": s3.sessionToken,
    // The first provider with credentials counts, so a job may bring its own keys for a bucket, with or without a
    // token.
    [CREDENTIALS]: [
      `${S3A}.TemporaryAWSCredentialsProvider`,
      `${S3A}.SimpleAWSCredentialsProvider`,
      ...(byRole(s3) ? ["com.amazonaws.auth.profile.ProfileCredentialsProvider"] : []),
    ].join(),
    ...Object.fromEntries(
      (s3.publicBuckets ?? []).map((bucket) => [
        CREDENTIALS.replace("s3a", `s3a.bucket.${bucket}`),
        `${S3A}.AnonymousAWSCredentialsProvider`,
      ]),
    ),
    "fs.s3.impl": `${S3A}.S3AFileSystem`,
    // Files appear when a job commits, all or none. Spark's own committer renames, which S3 cannot do.
    "fs.s3a.committer.name": "magic",
    "fs.s3a.committer.magic.enabled": "true",
    [`${COMMITTERS}.s3a`]: `${S3A}.commit.S3ACommitterFactory`,
    [`${COMMITTERS}.s3`]: `${S3A}.commit.S3ACommitterFactory`,
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
