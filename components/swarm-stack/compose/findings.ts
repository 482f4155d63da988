/** A place in one of the user's files. */
export interface Place {
  file: string;
  /** From 1. */
  line: number;
}

/** Collects the errors in Compose files, and what is left out of them, to report all at once. */
export class Findings {
  readonly problems: string[] = [];
  readonly notes: string[] = [];
  /** A finding that an anchor brings to several services is reported once. */
  private readonly said = new Set<string>();

  /** Adds a mistake, or something that Swarm cannot do: nothing is deployed. `text` says what, and what to do. */
  refuse(place: Place, key: string, text: string): void {
    this.add(this.problems, place, key, text);
  }

  /** Adds a note on what differs from the file. */
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
