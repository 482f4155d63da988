import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { InvalidArguments, type Plugin, serve } from "../lib/plugin";
import { mapValues, type Properties, reveal, UNKNOWN } from "../lib/values";
import { EIP, EIP_ASSOCIATION } from "./address";
import { Clients, type Credentials, describe, isApiError } from "./clients";
import { FUNCTIONS, invocation } from "./functions";
import { INSTANCE_PROFILE, ROLE, ROLE_POLICY } from "./iam";
import { INSTANCE } from "./instance";
import { KEY_PAIR } from "./key-pair";
import {
  INTERNET_GATEWAY,
  ROUTE,
  ROUTE_TABLE,
  ROUTE_TABLE_ASSOCIATION,
  SUBNET,
  SUBNET_CIDR_RESERVATION,
  VPC,
} from "./network";
import { type AwsType, resource } from "./resource";
import {
  SECURITY_GROUP,
  SECURITY_GROUP_EGRESS_RULE,
  SECURITY_GROUP_INGRESS_RULE,
} from "./security-group";

const TYPES: Record<string, AwsType> = {
  "aws:ec2/eip:Eip": EIP,
  "aws:ec2/eipAssociation:EipAssociation": EIP_ASSOCIATION,
  "aws:ec2/instance:Instance": INSTANCE,
  "aws:ec2/internetGateway:InternetGateway": INTERNET_GATEWAY,
  "aws:ec2/keyPair:KeyPair": KEY_PAIR,
  "aws:ec2/route:Route": ROUTE,
  "aws:ec2/routeTable:RouteTable": ROUTE_TABLE,
  "aws:ec2/routeTableAssociation:RouteTableAssociation": ROUTE_TABLE_ASSOCIATION,
  "aws:ec2/subnetCidrReservation:SubnetCidrReservation": SUBNET_CIDR_RESERVATION,
  "aws:ec2/securityGroup:SecurityGroup": SECURITY_GROUP,
  "aws:ec2/subnet:Subnet": SUBNET,
  "aws:ec2/vpc:Vpc": VPC,
  "aws:iam/instanceProfile:InstanceProfile": INSTANCE_PROFILE,
  "aws:iam/role:Role": ROLE,
  "aws:iam/rolePolicy:RolePolicy": ROLE_POLICY,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": SECURITY_GROUP_EGRESS_RULE,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": SECURITY_GROUP_INGRESS_RULE,
};

/** Configuration that has no effect on the emulated cloud, or is for the engine. */
const IGNORED = [
  "skipCredentialsValidation",
  "skipMetadataApiCheck",
  "skipRegionValidation",
  "skipRequestingAccountId",
  "version",
];
const HELP = `Please see https://www.pulumi.com/registry/packages/aws/installation-configuration/ for more information about providing credentials.`;

/** A stand-in for the official aws plugin, for the emulated AWS only, with which the official one works too. */
export function awsPlugin(): Plugin {
  let configured: Clients | undefined;

  /** A preview may come before the configuration is known; then AWS is not queried. */
  function clients(): Clients {
    if (!configured) throw new Error("the aws stand-in was not configured");
    return configured;
  }

  return {
    name: "aws",
    version: "7.48.0",
    checkConfig: async (news) => {
      const config = settingsOf(news);
      const { region } = config;
      if (region === UNKNOWN) return news;
      if (!region) {
        throw invalid(
          "region",
          "missing region information\nMake sure you have set your AWS region, e.g. `pulumi config set aws:region us-west-2`.",
        );
      }
      const credentials = credentialsOf(config);
      if (!credentials) throw invalid("", `No valid credential sources found.\n${HELP}`);
      try {
        await new Clients(region, credentials).ec2().describeRegions({});
      } catch (error) {
        if (!isApiError(error)) throw error;
        throw invalid("", `Invalid credentials configured.\n${HELP}\n${describe(error)}`);
      }
      return { ...news, region };
    },
    configure: (given) => {
      const config = settingsOf(given);
      const credentials = credentialsOf(config);
      if (config.region && config.region !== UNKNOWN && credentials) {
        configured = new Clients(config.region, credentials);
      }
      return new rpc.ConfigureResponse()
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    },
    resources: mapValues(TYPES, (type) => resource(type, clients)),
    functions: mapValues(FUNCTIONS, (work, name) => invocation(name, work, clients)),
  };
}

/** @throws Error when the stand-in does not know a key, or no emulated cloud is configured */
function settingsOf(config: Properties): Record<string, string | undefined> {
  if (!process.env.AWS_ENDPOINT_URL) {
    throw new Error(
      "this stand-in serves the emulated cloud only, which AWS_ENDPOINT_URL names: install the official plugin by `pulumi plugin install resource aws 7.48.0`",
    );
  }
  const { region, accessKey, secretKey, token, ...others } = reveal(config) as Properties;
  const unknown = Object.keys(others).filter(
    (key) => !IGNORED.includes(key) && !key.startsWith("__"),
  );
  if (unknown.length > 0)
    throw new Error(`the aws stand-in does not know the configuration ${unknown}`);
  const text = (value: unknown, ...variables: string[]) =>
    typeof value === "string"
      ? value
      : variables.map((name) => process.env[name]).find((found) => found);
  return {
    region: text(region, "AWS_REGION", "AWS_DEFAULT_REGION"),
    accessKey: text(accessKey, "AWS_ACCESS_KEY_ID"),
    secretKey: text(secretKey, "AWS_SECRET_ACCESS_KEY"),
    token: text(token, "AWS_SESSION_TOKEN"),
  };
}

function credentialsOf(config: Record<string, string | undefined>): Credentials | undefined {
  const { accessKey, secretKey, token } = config;
  if (!accessKey || !secretKey) return undefined;
  return { accessKeyId: accessKey, secretAccessKey: secretKey, sessionToken: token };
}

const invalid = (property: string, reason: string) => new InvalidArguments([{ property, reason }]);

if (require.main === module) serve(awsPlugin(), process.argv[2]);
