/**
 * The part of AWS's price list that the program reads: products by attributes, and others that differ in one attribute.
 * Like the plugin, it requires that a query matches exactly one.
 *
 * @throws Error with the plugin's message
 */
export function priceList({
  serviceCode,
  filters,
}: {
  serviceCode: string;
  filters: { field: string; value: string }[];
}): { result: string } {
  const found = PRODUCTS.filter(
    ({ service, attributes }) =>
      service === serviceCode && filters.every(({ field, value }) => attributes[field] === value),
  );
  const [product] = found;
  if (!product) throw new Error("Pricing product query did not return any elements");
  if (found.length > 1) {
    throw new Error(`Pricing product query not precise enough. Returned ${found.length} elements`);
  }
  return { result: JSON.stringify(documentOf(product)) };
}

interface Product {
  service: string;
  attributes: Record<string, string>;
  unit: string;
  usd: string;
}

const compute = (instanceType: string, usd: string, differing: Record<string, string> = {}) => ({
  service: "AmazonEC2",
  attributes: {
    regionCode: "us-east-1",
    productFamily: "Compute Instance",
    instanceType,
    operatingSystem: "Linux",
    preInstalledSw: "NA",
    tenancy: "Shared",
    capacitystatus: "Used",
    licenseModel: "No License required",
    ...differing,
  },
  unit: "Hrs",
  usd,
});
const disk = (volumeApiName: string, usd: string, regionCode = "us-east-1") => ({
  service: "AmazonEC2",
  attributes: { regionCode, productFamily: "Storage", volumeApiName },
  unit: "GB-Mo",
  usd,
});
const address = (use: string, group: string, usd: string, regionCode = "us-east-1") => ({
  service: "AmazonVPC",
  attributes: {
    regionCode,
    group,
    groupDescription: `Hourly charge for ${use} Public IPv4 Addresses`,
  },
  unit: "Hrs",
  usd,
});

const PRODUCTS: Product[] = [
  compute("t3.medium", "0.0416000000"),
  compute("t3.medium", "0.0480000000", { regionCode: "eu-central-1" }),
  compute("t3.medium", "0.0456000000", { regionCode: "eu-west-1" }),
  compute("t3.medium", "0.0600000000", { operatingSystem: "Windows" }),
  compute("t3.medium", "0.5216000000", { preInstalledSw: "SQL Std" }),
  compute("t3.medium", "0.0418000000", { tenancy: "Dedicated" }),
  compute("t3.medium", "0.0416000000", { capacitystatus: "UnusedCapacityReservation" }),
  compute("t3.medium", "0.0417000000", { licenseModel: "Bring your own license" }),
  compute("m7i.large", "0.1008000000"),
  compute("m7g.large", "0.0816000000"),
  compute("t4g.medium", "0.0336000000"),
  compute("c7i.large", "0.0892500000"),
  // In the list, but without a price.
  compute("free.large", "0.0000000000"),
  disk("gp3", "0.0800000000"),
  disk("gp3", "0.0952000000", "eu-central-1"),
  disk("gp3", "0.0880000000", "eu-west-1"),
  disk("gp2", "0.1000000000"),
  address("In-use", "VPCPublicIPv4Address", "0.0050000000"),
  address("In-use", "VPCPublicIPv4Address", "0.0050000000", "eu-central-1"),
  address("In-use", "VPCPublicIPv4Address", "0.0050000000", "eu-west-1"),
  address("Idle", "VPCPublicIPv4Address", "0.0050000000"),
  address("In-use", "VPCContiguousIPv4", "0.0080000000"),
];

/** A product in the published format. */
function documentOf({ attributes, unit, usd }: Product): object {
  const rate = (pricePerUnit: string) => ({ unit, beginRange: "0", pricePerUnit });
  return {
    product: { attributes, productFamily: attributes.productFamily, sku: "SKU" },
    terms: {
      OnDemand: {
        "SKU.JRTCKXETXF": {
          offerTermCode: "JRTCKXETXF",
          priceDimensions: {
            // The free tier comes first.
            "SKU.JRTCKXETXF.1": { ...rate("0"), pricePerUnit: { USD: "0.0000000000" } },
            "SKU.JRTCKXETXF.6YS6EN2CT7": { ...rate(usd), pricePerUnit: { USD: usd } },
          },
        },
      },
      Reserved: {
        "SKU.4NA7Y494T4": {
          priceDimensions: {
            "SKU.4NA7Y494T4.6YS6EN2CT7": { pricePerUnit: { USD: "0.0260000000" } },
          },
        },
      },
    },
    version: "20250115000000",
  };
}
