import { createHash, scryptSync } from "node:crypto";

/** A file that is sent to the manager with the document. */
export interface SentFile {
  /** Its name there. */
  name: string;
  content: Buffer;
  /** Whether only its owner should read it. */
  secret: boolean;
}

/** The limit for a config or secret in a Swarm, in bytes. */
export const LARGEST = 500 * 1024;
const LONGEST_NAME = 64;
const DIGITS = 12;

/**
 * The name in the Swarm of a config or secret with this content. Swarm cannot change either, so other content needs
 * another name.
 */
export function contentName(name: string, content: Buffer, secret: boolean): string {
  // A slow digest, so that the name does not help to guess short passwords.
  const digest = secret
    ? scryptSync(content, name, DIGITS / 2).toString("hex")
    : createHash("sha256").update(content).digest("hex").slice(0, DIGITS);
  return `${name.slice(0, LONGEST_NAME - DIGITS - 1)}_${digest}`;
}
