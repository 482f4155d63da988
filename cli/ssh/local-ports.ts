import { connect } from "node:net";
import getPort, { portNumbers } from "get-port";

/** Whether somebody takes connections on a port of this machine. */
export function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("error", () => done(false));
    socket.once("connect", () => socket.end(() => done(true)));
  });
}

/** A free port of this machine that was not asked for before: the one that is preferred, else one after it. */
export function freePort(preferred: number): Promise<number> {
  return getPort({ host: "127.0.0.1", port: portNumbers(preferred, preferred + 199) });
}
