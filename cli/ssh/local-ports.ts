import { connect } from "node:net";
import getPort, { portNumbers } from "get-port";

/** Whether a program accepts connections on a local port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => done(false));
    socket.once("connect", () => socket.end(() => done(true)));
  });
}

/** A free local port that was not returned before: the preferred one, else one after it. */
export function freePort(preferred: number): Promise<number> {
  return getPort({
    host: "127.0.0.1",
    port: portNumbers(preferred, Math.min(preferred + 199, 65535)),
  });
}
