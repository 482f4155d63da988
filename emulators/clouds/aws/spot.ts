import { type Answer, errorAnswer, xml } from "./errors";
import { onDemandPrice } from "./price-list";

const SHARE_OF_ON_DEMAND = 0.35;
/** Surcharges of systems, USD an hour: they make a query that does not choose ambiguous. */
const PRODUCTS = { "Linux/UNIX": 0, "Red Hat Enterprise Linux": 0.0288, Windows: 0.092 };

/** Spot prices: a share of the on-demand price, until a test sets another. */
export class SpotMarket {
  private readonly set = new Map<string, number>();

  setPrice(type: string, usd: number): void {
    this.set.set(type, usd);
  }

  /** USD an hour; undefined if the on-demand price is not known. */
  price(region: string, type: string): number | undefined {
    const onDemand = onDemandPrice(region, type);
    return this.set.get(type) ?? (onDemand && onDemand * SHARE_OF_ON_DEMAND);
  }

  /** Refuses to launch a spot instance whose maximum is below the price. */
  refusal(region: string, request: URLSearchParams): Answer | undefined {
    const limit = request.get("InstanceMarketOptions.SpotOptions.MaxPrice");
    const price = this.price(region, request.get("InstanceType") ?? "");
    if (limit === null || price === undefined || Number(limit) >= price) return undefined;
    return errorAnswer("ec2", {
      status: 400,
      code: "SpotMaxPriceTooLow",
      message: `Your Spot request price of ${limit} is lower than the minimum required Spot request fulfillment price of ${price.toFixed(4)}.`,
    });
  }

  /** DescribeSpotPriceHistory: one price for each type and zone, the current one. */
  history(region: string, request: URLSearchParams): Answer {
    const asked = (name: string) =>
      [...request].filter(([key]) => key.startsWith(`${name}.`)).map(([, value]) => value);
    const filtered = (name: string) => {
      const index = [...request].find(
        ([key, value]) => /^Filter\.\d+\.Name$/.test(key) && value === name,
      );
      return index ? asked(index[0].replace("Name", "Value")) : [];
    };
    const zones = [request.get("AvailabilityZone") ?? [], filtered("availability-zone")].flat();
    const types = [...asked("InstanceType"), ...filtered("instance-type")];
    const products = [...asked("ProductDescription"), ...filtered("product-description")];
    const items: string[] = [];
    for (const type of types) {
      const price = this.price(region, type);
      if (price === undefined) continue;
      for (const [product, surcharge] of Object.entries(PRODUCTS)) {
        if (products.length > 0 && !products.includes(product)) continue;
        for (const zone of zones.length > 0 ? zones : [`${region}a`]) {
          items.push(
            `<item><instanceType>${type}</instanceType><productDescription>${product}</productDescription><spotPrice>${(price + surcharge).toFixed(6)}</spotPrice><timestamp>${new Date().toISOString()}</timestamp><availabilityZone>${zone}</availabilityZone></item>`,
          );
        }
      }
    }
    return xml(
      200,
      `<DescribeSpotPriceHistoryResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><spotPriceHistorySet>${items.join("")}</spotPriceHistorySet><nextToken></nextToken></DescribeSpotPriceHistoryResponse>`,
    );
  }
}
