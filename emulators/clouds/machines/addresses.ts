/** An IPv4 range. */
export interface Range {
  first: number;
  last: number;
  prefix: number;
}

/** @throws Error when it is not an IPv4 CIDR */
export function parseRange(cidr: string): Range {
  const [, address = "", prefixText = ""] = /^([\d.]+)\/(\d+)$/.exec(cidr) ?? [];
  const prefix = Number(prefixText);
  if (!address || prefix > 32) throw new Error(`${cidr} is not an IPv4 range`);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(toNumber(address) / size) * size;
  return { first, last: first + size - 1, prefix };
}

export function overlap(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Gives out addresses of a range, each to one holder at a time. */
export class AddressPool {
  private readonly taken = new Set<number>();
  private next: number;

  constructor(
    private readonly first: number,
    private readonly last: number,
  ) {
    this.next = first;
  }

  /** @throws Error when the requested address, or every address, is taken */
  take(wanted?: string): string {
    if (wanted !== undefined) {
      const address = toNumber(wanted);
      if (address < this.first || address > this.last) {
        throw new Error(
          `the address ${wanted} is not between ${toText(this.first)} and ${toText(this.last)}`,
        );
      }
      if (this.taken.has(address)) throw new Error(`the address ${wanted} is taken`);
      this.taken.add(address);
      return wanted;
    }
    const size = this.last - this.first + 1;
    if (this.taken.size >= size) {
      throw new Error(`all addresses from ${toText(this.first)} to ${toText(this.last)} are taken`);
    }
    // In a ring, so that a released address is not assigned again at once.
    while (this.taken.has(this.next)) this.advance(size);
    const address = this.next;
    this.taken.add(address);
    this.advance(size);
    return toText(address);
  }

  release(address: string): void {
    this.taken.delete(toNumber(address));
  }

  private advance(size: number): void {
    this.next = this.first + ((this.next - this.first + 1) % size);
  }
}

/** The pool of a private network: clouds reserve the first four addresses and the last. */
export function privatePool(cidr: string): AddressPool {
  const { first, last } = parseRange(cidr);
  return new AddressPool(first + 4, last - 1);
}

export function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function toText(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
