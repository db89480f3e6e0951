import { setTimeout as pause } from "node:timers/promises";

/**
 * Asks again and again until the answer is neither undefined nor false; undefined when the time is over.
 * @param limit milliseconds
 * @param interval milliseconds between two questions
 */
export async function poll<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  limit: number,
  interval = 50,
): Promise<T | undefined> {
  const deadline = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) return undefined;
    await pause(interval);
  }
}

/** What all of them give. An error is thrown when all have ended, so that nothing goes on behind it. */
export async function allOf<T extends readonly Promise<unknown>[] | []>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
