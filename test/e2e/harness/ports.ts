import { connect } from "node:net";
import getPort from "get-port";

/** A free port of this machine. */
export const freePort = (): Promise<number> => getPort({ host: "127.0.0.1" });

/** Whether something answers at a TCP port within two seconds. */
export function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}
