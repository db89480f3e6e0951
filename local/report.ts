/** Receives one line of progress for a person. */
export type Report = (message: string) => void;

/** A duration for people: `0.4 s`, `12 s`, `3 min 5 s`. */
export function seconds(milliseconds: number): string {
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const whole = Math.round(milliseconds / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
