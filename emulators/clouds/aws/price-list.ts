import { createHash } from "node:crypto";
import { type Answer, errorAnswer, json } from "./errors";
import prices from "./prices.json";

type Attributes = Record<string, string>;
interface Product {
  service: string;
  family?: string;
  attributes: Attributes;
  unit: string;
  description: string;
  usd: number;
}

const SERVICE_NAMES: Record<string, string> = {
  AmazonEC2: "Amazon Elastic Compute Cloud",
  AmazonVPC: "Amazon Virtual Private Cloud",
};
/** The date of these prices. */
const PUBLISHED = "2025-01-15T00:00:00Z";
// Surcharges for Windows and for dedicated hosts: they make a query that does not choose ambiguous.
const WINDOWS_PER_CPU_HOUR = 0.046;
const DEDICATED = 1.1;

/** The hourly on-demand price, Linux, USD; undefined for types and regions without one here. */
export function onDemandPrice(region: string, type: string): number | undefined {
  const place = Object.entries(prices.regions).find(([name]) => name === region)?.[1];
  const size = Object.entries(prices.instanceTypes).find(([name]) => name === type)?.[1];
  return place && size && round(size.perHour * place.factor);
}

/** Answers GetProducts of the price list's API, from prices.json, in the documents' published form. */
export function getProducts(body: string): Answer {
  const asked = JSON.parse(body || "{}") as {
    ServiceCode?: string;
    Filters?: { Type: string; Field: string; Value: string }[];
    MaxResults?: number;
    NextToken?: string;
  };
  const { ServiceCode, Filters = [], MaxResults = 100, NextToken = "0" } = asked;
  if (!ServiceCode || !(ServiceCode in SERVICE_NAMES)) {
    const message = `The service code ${ServiceCode} is not valid`;
    return errorAnswer("pricing", { status: 400, code: "InvalidParameterException", message });
  }
  const found = allProducts().filter(
    (product) =>
      product.service === ServiceCode &&
      Filters.every(({ Field, Value }) => {
        const known: Attributes = {
          ...product.attributes,
          servicecode: product.service,
          productFamily: product.family ?? "",
        };
        return known[Field]?.toLowerCase() === Value.toLowerCase();
      }),
  );
  const first = Number(NextToken);
  const last = first + MaxResults;
  return json(200, {
    FormatVersion: "aws_v1",
    ...(last < found.length && { NextToken: `${last}` }),
    PriceList: found.slice(first, last).map((product) => JSON.stringify(documentOf(product))),
  });
}

function allProducts(): Product[] {
  return Object.entries(prices.regions).flatMap(([regionCode, place]) => {
    const where = { location: place.location, locationType: "AWS Region", regionCode };
    const types = Object.entries(prices.instanceTypes);
    return [
      ...types.flatMap(([type, size]) => instanceProducts(type, size, place, where)),
      volumeProduct(place, where),
      ...["InUse", "Idle"].map((use) => addressProduct(use, place.prefix, where)),
    ];
  });
}

type Size = (typeof prices.instanceTypes)["t3.small"];
type Place = (typeof prices.regions)["us-east-1"];

function instanceProducts(type: string, size: Size, place: Place, where: Attributes): Product[] {
  const products: Product[] = [];
  for (const operatingSystem of ["Linux", "Windows"]) {
    for (const tenancy of ["Shared", "Dedicated"]) {
      for (const capacitystatus of ["Used", "UnusedCapacityReservation"]) {
        const licence = operatingSystem === "Windows" ? size.vcpu * WINDOWS_PER_CPU_HOUR : 0;
        const perHour = size.perHour * place.factor * (tenancy === "Shared" ? 1 : DEDICATED);
        const use = { Used: "BoxUsage", UnusedCapacityReservation: "UnusedBox" }[capacitystatus];
        const usd = round(perHour + licence);
        products.push({
          service: "AmazonEC2",
          family: "Compute Instance",
          attributes: {
            ...where,
            instanceType: type,
            instanceFamily: FAMILIES[type[0] ?? ""] ?? "",
            currentGeneration: "Yes",
            vcpu: `${size.vcpu}`,
            memory: size.memory,
            storage: "EBS only",
            processorArchitecture: "64-bit",
            operatingSystem,
            tenancy,
            capacitystatus,
            preInstalledSw: "NA",
            licenseModel: "No License required",
            marketoption: "OnDemand",
            operation: operatingSystem === "Linux" ? "RunInstances" : "RunInstances:0002",
            usagetype: `${place.prefix}${tenancy === "Shared" ? "" : "Dedicated"}${use}:${type}`,
          },
          unit: "Hrs",
          description: `$${usd} per ${tenancy} ${operatingSystem} ${type} Instance Hour`,
          usd,
        });
      }
    }
  }
  return products;
}

const FAMILIES: Record<string, string> = {
  t: "General purpose",
  m: "General purpose",
  c: "Compute optimized",
  r: "Memory optimized",
};

function volumeProduct({ prefix, gp3 }: Place, where: Attributes): Product {
  return {
    service: "AmazonEC2",
    family: "Storage",
    attributes: {
      ...where,
      volumeType: "General Purpose",
      volumeApiName: "gp3",
      storageMedia: "SSD-backed",
      maxVolumeSize: "16 TiB",
      operation: "",
      usagetype: `${prefix}EBS:VolumeUsage.gp3`,
    },
    unit: "GB-Mo",
    description: `$${gp3} per GB-month of General Purpose (gp3) provisioned storage`,
    usd: gp3,
  };
}

function addressProduct(use: string, prefix: string, where: Attributes): Product {
  return {
    service: "AmazonVPC",
    attributes: {
      ...where,
      group: "VPCPublicIPv4Address",
      groupDescription: `Hourly charge for ${use === "Idle" ? "Idle" : "In-use"} Public IPv4 Addresses`,
      operation: "",
      usagetype: `${prefix}PublicIPv4:${use}Address`,
    },
    unit: "Hrs",
    description: `$${prices.publicAddressPerHour} per Public IPv4 address per hour`,
    usd: prices.publicAddressPerHour,
  };
}

/** A product as the published price list has it. */
function documentOf({ service, family, attributes, unit, description, usd }: Product): object {
  const sku = code(JSON.stringify([service, attributes]), 16);
  // The same for all on-demand prices.
  const term = `${sku}.JRTCKXETXF`;
  const rate = `${term}.6YS6EN2CT7`;
  const dimension = {
    unit,
    endRange: "Inf",
    description,
    appliesTo: [],
    rateCode: rate,
    beginRange: "0",
    pricePerUnit: { USD: usd.toFixed(10) },
  };
  return {
    product: {
      ...(family && { productFamily: family }),
      attributes: { ...attributes, servicecode: service, servicename: SERVICE_NAMES[service] },
      sku,
    },
    serviceCode: service,
    terms: {
      OnDemand: {
        [term]: {
          priceDimensions: { [rate]: dimension },
          sku,
          effectiveDate: PUBLISHED,
          offerTermCode: "JRTCKXETXF",
          termAttributes: {},
        },
      },
    },
    version: "20250115000000",
    publicationDate: PUBLISHED,
  };
}

function code(text: string, length: number): string {
  const digest = createHash("sha256").update(text).digest("hex");
  return BigInt(`0x${digest}`).toString(36).toUpperCase().slice(0, length);
}

const round = (usd: number) => Math.round(usd * 10_000) / 10_000;
