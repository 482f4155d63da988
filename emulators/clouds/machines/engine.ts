/** The Docker engine's answer in an error of dockerode. */
interface EngineError {
  statusCode?: number;
  json?: { message?: string };
}

/** Undefined if the engine refused with one of these HTTP statuses. */
export async function ignoring<Result>(
  statuses: number[],
  ask: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (statuses.includes((error as EngineError).statusCode ?? 0)) return undefined;
    throw error;
  }
}

/** The engine's own words. */
export function engineMessage(error: unknown): string {
  return (error as EngineError).json?.message ?? String(error);
}
