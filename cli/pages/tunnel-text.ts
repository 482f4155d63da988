import { table } from "../terminal/table";
import type { Page } from "./pages";
import type { Tunnel } from "./tunnel";

/** How to use an open tunnel. */
export function tunnelText(
  stack: string,
  { socks, forwards }: Tunnel,
  pages: Page[],
  background: boolean,
): string {
  const rows = socks
    ? pages.map(({ title, host, port, path = "" }) => [`http://${host}:${port}${path}`, title])
    : forwards.map(({ title, localPort, path = "" }) => [
        `http://localhost:${localPort}${path}`,
        title,
      ]);
  const how = socks
    ? [
        `SOCKS proxy to stack ${stack} on localhost:${socks}. With it, open:`,
        table(rows),
        `Or: curl --socks5-hostname localhost:${socks} http://master:8080/json/`,
        "    spark-swarm browse",
      ]
    : [`Local ports of stack ${stack}; open:`, table(rows)];
  const end = background ? "`spark-swarm tunnel --stop` ends it." : "Ctrl-C ends it.";
  return [...how, end].join("\n");
}
