import { namedSizes, type Size } from "../sizes";

/** slugs.do-api.dev */
const CHOICE = [
  "s-1vcpu-2gb",
  "s-2vcpu-2gb",
  "s-2vcpu-4gb",
  "s-4vcpu-8gb",
  "m-2vcpu-16gb",
  "s-8vcpu-16gb",
  "m-4vcpu-32gb",
  "m-8vcpu-64gb",
];

function named(name: string): Size | undefined {
  const [, cpus, gigabytes] = /-(\d+)vcpu-(\d+)gb(?:-|$)/.exec(name) ?? [];
  return cpus ? { cpus: Number(cpus), memory: Number(gigabytes) * 1024 } : undefined;
}

export const sizes = namedSizes(CHOICE, named);
