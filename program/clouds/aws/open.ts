import * as aws from "@pulumi/aws";
import {
  AwsHosts,
  type AwsHostsArgs,
  awsSweep,
  type InstanceType,
} from "../../../components/hosts/aws/hosts";
import type { Cloud } from "../cloud";
import { hourlyCost } from "../cost";
import { addressPrice, computePrice, diskPrice, priceListProvider, spotPrice } from "./prices";
import type { AwsSettings } from "./settings";

/** Debian's account: wiki.debian.org/Cloud/AmazonEC2Image */
const DEBIAN = "136693071363";

/** The errors of the plugin and of AWS for it. */
const NO_SUCH_TYPE =
  /no matching EC2 Instance Type|InvalidInstanceType|instance types do not exist/;
const NO_SUCH_IMAGE = /query returned no results|InvalidAMIID/;

/**
 * Asks AWS for the instance types that the settings name, for a zone that has them all, for the newest Debian of
 * their architecture, and for the prices.
 *
 * @throws Error when the region, a type or an image is not available
 */
export async function openAws(settings: AwsSettings): Promise<Cloud> {
  const { region, workers, manager } = settings;
  // A request to a missing region would hang.
  if (!Object.values<string>(aws.Region).includes(region)) {
    throw new Error(
      `region: '${region}' is not an AWS region. Regions: docs.aws.amazon.com/global-infrastructure. Set it with: pulumi config set region us-east-1`,
    );
  }
  const provider = new aws.Provider("aws", { region: region as aws.Region });
  const options = { provider };
  const priceList = { provider: priceListProvider(provider, region) };
  const [managerType, workerType] = await Promise.all([
    instanceType("manager.size", manager.size),
    instanceType("workers.size", workers.size),
  ]);
  if (managerType.architecture !== workerType.architecture) {
    throw new Error(
      `workers.size: ${workers.size} is ${workerType.architecture}, and the manager's ${manager.size} is ${managerType.architecture}: all hosts run the same images. Choose two of the same architecture.`,
    );
  }
  const network = settings.aws.subnet
    ? await existingNetwork(settings.aws.subnet)
    : { zone: await commonZone() };
  const [managerHourly, workerHourly, disk, address, spot] = await Promise.all([
    computePrice(region, manager.size, priceList),
    computePrice(region, workers.size, priceList),
    diskPrice(region, priceList),
    addressPrice(region, priceList),
    workers.spot ? spotPrice(workers.size, network.zone, options) : undefined,
  ]);
  const market = chooseMarket(workers.spot, spot);
  const image = settings.image
    ? await existingImage(settings.image)
    : await debian(managerType.architecture);
  const workerPrice = market && spot !== undefined ? spot : workerHourly;
  return {
    hourlyCost: hourlyCost([
      { what: "compute", item: `manager: ${manager.size}`, count: 1, each: managerHourly },
      {
        what: "compute",
        item: `workers: ${workers.size}${market ? " (spot)" : ""}`,
        count: workers.count,
        each: workerPrice,
      },
      {
        what: "disk",
        item: `manager: ${manager.disk} GB gp3`,
        count: 1,
        each: manager.disk * disk,
      },
      {
        what: "disk",
        item: `workers: ${workers.disk} GB gp3`,
        count: workers.count,
        each: workers.disk * disk,
      },
      { what: "address", item: "public IPv4", count: 1 + workers.count, each: address },
    ]),
    sizes: {
      manager: { cpus: managerType.vcpus, memory: managerType.memory },
      worker: { cpus: workerType.vcpus, memory: workerType.memory },
    },
    sweep: awsSweep(region),
    createHosts: (name, { lost }, opts) =>
      new AwsHosts(
        name,
        {
          ...settings,
          ...network,
          ...{ provider, image, lost },
          imageIsFixed: settings.image !== undefined,
          manager: { type: managerType, disk: manager.disk },
          workers: {
            ...{ count: workers.count, type: workerType, disk: workers.disk, market },
            spot: workers.spot !== false,
            anyMarket: workers.spot !== false && workers.spot.fallback === "on-demand",
          },
          buckets: settings.aws.buckets,
        },
        opts,
      ),
  };

  async function instanceType(key: string, name: string): Promise<InstanceType> {
    const found = await aws.ec2
      .getInstanceType({ instanceType: name }, options)
      .catch((error: Error) => {
        if (!NO_SUCH_TYPE.test(error.message)) throw error;
        throw new Error(
          `${key}: '${name}' is not an instance type in ${region} (${error.message}). Types: aws.amazon.com/ec2/instance-types. Set it with: pulumi config set --path '${key}' t3.medium`,
        );
      });
    return {
      type: name,
      vcpus: found.defaultVcpus,
      memory: found.memorySize,
      architecture: found.supportedArchitectures.includes("arm64") ? "arm64" : "amd64",
    };
  }

  /** One zone, since traffic between zones costs money and is slower. */
  async function commonZone(): Promise<string> {
    const offered = await Promise.all(
      [manager.size, workers.size].map(async (type) => {
        const { locations } = await aws.ec2.getInstanceTypeOfferings(
          {
            locationType: "availability-zone",
            filters: [{ name: "instance-type", values: [type] }],
          },
          options,
        );
        return locations;
      }),
    );
    const zone = offered[0]?.filter((name) => offered[1]?.includes(name)).sort()[0];
    if (zone) return zone;
    throw new Error(
      `workers.size: no availability zone of ${region} has both ${manager.size} and ${workers.size}. Choose other sizes or another region.`,
    );
  }

  async function existingNetwork(subnetId: string) {
    const subnet = await aws.ec2.getSubnet({ id: subnetId }, options);
    return {
      zone: subnet.availabilityZone,
      existing: { subnet: subnet.id, vpc: subnet.vpcId, range: subnet.cidrBlock },
    };
  }

  async function existingImage(id: string): Promise<string> {
    await aws.ec2
      .getAmi({ filters: [{ name: "image-id", values: [id] }] }, options)
      .catch((error: Error) => {
        if (!NO_SUCH_IMAGE.test(error.message)) throw error;
        throw new Error(
          `image: AWS has no image '${id}' in ${region}. Use Debian's own with: pulumi config rm image`,
        );
      });
    return id;
  }

  async function debian(architecture: string): Promise<string> {
    const image = await aws.ec2.getAmi(
      {
        owners: [DEBIAN],
        mostRecent: true,
        filters: [{ name: "name", values: [`debian-12-${architecture}-*`] }],
      },
      options,
    );
    return image.id;
  }
}

/** The request to the spot market; undefined buys on demand. */
function chooseMarket(
  spot: AwsSettings["workers"]["spot"],
  price: number | undefined,
): AwsHostsArgs["workers"]["market"] {
  if (!spot) return undefined;
  const { maxPrice, fallback } = spot;
  const affordable = price !== undefined && (maxPrice === undefined || price <= maxPrice);
  if (affordable) return { maxPrice };
  if (fallback === "on-demand") return undefined;
  throw new Error(
    price === undefined
      ? "workers.spot: this instance type is not on the spot market there. Use on-demand instances with: pulumi config set --path workers.spot.fallback on-demand"
      : `workers.spot.maxPrice: the spot price is $${price} an hour, above the $${maxPrice} allowed. Allow more, wait, or use on-demand instances with: pulumi config set --path workers.spot.fallback on-demand`,
  );
}
