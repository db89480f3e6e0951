/** How an application misbehaves, to be seen in tests and trials. */
export interface Behaviour {
  /** Tells whether the health check is passed. */
  isReady(): boolean;
  /** The status with which this request fails; undefined when it does not. */
  failure(): number | undefined;
  /** How long this request takes, in milliseconds. */
  milliseconds(): number;
  /** Does what is to be done once. */
  begin(): void;
}

const slowMilliseconds = 1000;

/**
 * What the image's tag says by one of its parts: `failing`, `slow`, `crashing`, `unready`, as in `v2-failing`. Variables say more:
 * `FAIL_SHARE` (0 to 1), `FAIL_CODE`, `SLOW_MS`, `CRASH_AFTER_MS`, `READY_AFTER_MS`.
 */
export function behaviourOf(env: Readonly<Record<string, string | undefined>>): Behaviour {
  const parts = (env["APPLICATION_TAG"] ?? "").split(/[-._]/);
  const number = (name: string, part: string, whenPart: number) =>
    Number(env[name] ?? (parts.includes(part) ? whenPart : Number.NaN));
  const failShare = number("FAIL_SHARE", "failing", 1);
  const failCode = Number(env["FAIL_CODE"] ?? 500);
  const slow = number("SLOW_MS", "slow", slowMilliseconds);
  const crashAfter = number("CRASH_AFTER_MS", "crashing", 0);
  const readyAfter = number("READY_AFTER_MS", "unready", Infinity);
  const from = performance.now();
  return {
    isReady: () => Number.isNaN(readyAfter) || performance.now() - from >= readyAfter,
    failure: () => (Math.random() < failShare ? failCode : undefined),
    milliseconds: () => (Number.isNaN(slow) ? 0 : slow),
    begin: () => {
      if (Number.isNaN(crashAfter)) return;
      setTimeout(() => {
        console.error("told to crash");
        process.exit(1);
      }, crashAfter);
    },
  };
}
