import { existsSync } from "node:fs";
import which from "which";

const names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
const applications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Chromium or Google Chrome, whichever is installed. */
export function findBrowser(): string | undefined {
  const programs = names.map((name) => which.sync(name, { nothrow: true }));
  return (
    [...programs, ...applications].find((program) => program && existsSync(program)) ?? undefined
  );
}

/** Starts a browser, separate from the user's own, that resolves all names at the far end of a SOCKS proxy. */
export function browserArguments(url: string, profile: string, socks: number): string[] {
  return [
    `--user-data-dir=${profile}`,
    `--proxy-server=socks5://127.0.0.1:${socks}`,
    // No name is resolved locally, not even ahead of time; the proxy is the only address.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--no-first-run",
    "--no-default-browser-check",
    // As root, for example in a container, it does not start otherwise.
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    url,
  ];
}
