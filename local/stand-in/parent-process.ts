/**
 * Calls `onGone` once the process that started this one has ended. The engine can be killed without a word
 * (`kill -9`), and a plugin that outlives it would be left behind. Checked every second.
 */
export function whenParentIsGone(onGone: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, 1_000);
  timer.unref();
}
