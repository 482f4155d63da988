/** Where something stands in a file of the user's. */
export interface Place {
  file: string;
  /** From 1. */
  line: number;
}

/** What is wrong with Compose files, and what is left out of them: all of it is reported at once. */
export class Findings {
  readonly problems: string[] = [];
  readonly notes: string[] = [];
  /** What an anchor brings to several services is said once. */
  private readonly said = new Set<string>();

  /** A mistake, or what Swarm cannot do: nothing is deployed. `text` says what, and what to do. */
  refuse(place: Place, key: string, text: string): void {
    this.add(this.problems, place, key, text);
  }

  /** What becomes otherwise than the file says. */
  say(place: Place, key: string, text: string): void {
    this.add(this.notes, place, key, text);
  }

  private add(to: string[], { file, line }: Place, key: string, text: string): void {
    const once = `${file}:${line}: ${text}`;
    if (this.said.has(once)) return;
    this.said.add(once);
    to.push(`${file}:${line}: ${key ? `${key}: ` : ""}${text}`);
  }
}

/** Compose files that cannot be deployed. */
export class ComposeError extends Error {
  /** @param problems each as `file:line: key: what is wrong, and what to do` */
  constructor(readonly problems: string[]) {
    super(problems.join("\n"));
  }
}
