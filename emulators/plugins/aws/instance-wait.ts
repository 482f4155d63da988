import type { EC2 } from "@aws-sdk/client-ec2";
import type { Call } from "../lib/plugin";
import { poll } from "./resource";

/**
 * Waits for an instance's state.
 *
 * @throws Error when it ends instead, with the reason
 */
export async function reaches(
  ec2: EC2,
  call: Call,
  id: string,
  wanted: "running" | "stopped" | "terminated",
  doing: string,
): Promise<void> {
  const state = await poll(call, async () => {
    const now = await statesOf(ec2).ask(id);
    const ended = now === "terminated" || now === "shutting-down";
    return now === wanted || (ended && wanted !== "terminated") ? now : undefined;
  });
  if (state === wanted) return;
  const { Reservations: [reservation] = [] } = await ec2.describeInstances({ InstanceIds: [id] });
  const reason = reservation?.Instances?.[0]?.StateReason?.Message ?? "";
  throw new Error(
    `${doing}: unexpected state '${state}', wanted target '${wanted}'. last error: ${reason}`,
  );
}

/** All instances that are waited for are queried in one request. */
class States {
  private readonly waiting = new Map<string, ((state: string | undefined) => void)[]>();
  private failing: ((error: unknown) => void)[] = [];

  constructor(private readonly ec2: EC2) {}

  ask(id: string): Promise<string | undefined> {
    if (this.waiting.size === 0) setTimeout(() => this.send(), GATHER_MS);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, [...(this.waiting.get(id) ?? []), resolve]);
      this.failing.push(reject);
    });
  }

  private async send(): Promise<void> {
    const asked = [...this.waiting];
    const { failing } = this;
    this.waiting.clear();
    this.failing = [];
    try {
      const { InstanceStatuses = [] } = await this.ec2.describeInstanceStatus({
        InstanceIds: asked.map(([id]) => id),
        IncludeAllInstances: true,
      });
      const states = new Map(InstanceStatuses.map((each) => [each.InstanceId, each.InstanceState]));
      for (const [id, answers] of asked) for (const answer of answers) answer(states.get(id)?.Name);
    } catch (error) {
      for (const fail of failing) fail(error);
    }
  }
}

const GATHER_MS = 50;
const gatherers = new WeakMap<EC2, States>();

function statesOf(ec2: EC2): States {
  const states = gatherers.get(ec2) ?? new States(ec2);
  gatherers.set(ec2, states);
  return states;
}
