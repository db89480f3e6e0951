/**
 * Whether so many of `count` are what one would see with this probability, in all but one of a million runs. By the normal
 * approximation, and never less wide than three.
 */
export function isLikely(hits: number, count: number, probability: number): boolean {
  if (probability === 0 || probability === 1) return hits === count * probability;
  const deviation = Math.sqrt(count * probability * (1 - probability));
  return Math.abs(hits - count * probability) <= Math.max(3, 4.9 * deviation);
}
