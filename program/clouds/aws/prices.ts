import * as aws from "@pulumi/aws";
import type { InvokeOptions } from "@pulumi/pulumi";
import { z } from "zod";
import { HOURS_PER_MONTH } from "../../outputs";

/**
 * A provider for the price list. AWS serves it in few regions; each has the prices of all regions.
 * docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-price-list-query-api.html
 */
export function priceListProvider(provider: aws.Provider, region: string): aws.Provider {
  if (["us-east-1", "eu-central-1", "ap-south-1"].includes(region)) return provider;
  return new aws.Provider("aws-price-list", { region: "us-east-1" });
}

/** The part of a product's document that holds its price on demand. */
const product = z.object({
  terms: z.object({
    OnDemand: z.record(
      z.string(),
      z.object({
        priceDimensions: z.record(
          z.string(),
          z.object({ unit: z.string(), pricePerUnit: z.object({ USD: z.string() }) }),
        ),
      }),
    ),
  }),
});

/** US dollars an hour for an instance on demand, with Linux. */
export function computePrice(
  region: string,
  instanceType: string,
  options: InvokeOptions,
): Promise<number> {
  return price(options, "AmazonEC2", {
    regionCode: region,
    instanceType,
    operatingSystem: "Linux",
    preInstalledSw: "NA",
    tenancy: "Shared",
    capacitystatus: "Used",
    licenseModel: "No License required",
  });
}

/** US dollars an hour for a GB of gp3. */
export async function diskPrice(region: string, options: InvokeOptions): Promise<number> {
  const monthly = await price(options, "AmazonEC2", {
    regionCode: region,
    productFamily: "Storage",
    volumeApiName: "gp3",
  });
  return monthly / HOURS_PER_MONTH;
}

/** US dollars an hour for a public IPv4 address in use. */
export function addressPrice(region: string, options: InvokeOptions): Promise<number> {
  return price(options, "AmazonVPC", {
    regionCode: region,
    group: "VPCPublicIPv4Address",
    groupDescription: "Hourly charge for In-use Public IPv4 Addresses",
  });
}

/** US dollars an hour on the spot market now; undefined when the type is not on it in this zone. */
export async function spotPrice(
  instanceType: string,
  availabilityZone: string,
  options: InvokeOptions,
): Promise<number | undefined> {
  const found = await aws.ec2
    .getSpotPrice(
      {
        instanceType,
        availabilityZone,
        filters: [{ name: "product-description", values: ["Linux/UNIX"] }],
      },
      options,
    )
    .catch((error: Error) => {
      // The plugin's error when there is no such price.
      if (/no (matching )?EC2 Spot Price/i.test(error.message)) return undefined;
      throw error;
    });
  return found && Number(found.spotPrice);
}

async function price(
  options: InvokeOptions,
  serviceCode: string,
  filters: Record<string, string>,
): Promise<number> {
  const { result } = await aws.pricing.getProduct(
    {
      serviceCode,
      filters: Object.entries(filters).map(([field, value]) => ({ field, value })),
    },
    options,
  );
  const { terms } = product.parse(JSON.parse(result));
  const prices = Object.values(terms.OnDemand)
    .flatMap(({ priceDimensions }) => Object.values(priceDimensions))
    .map(({ pricePerUnit }) => Number(pricePerUnit.USD));
  const [first] = prices.filter((each) => each > 0);
  if (first === undefined) {
    throw new Error(`AWS's price list has no price for ${JSON.stringify(filters)}`);
  }
  return first;
}
