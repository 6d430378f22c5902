/** Whole seconds until a deadline, rounded up, 0 exactly when it has passed; `null` without one. */
export function secondsLeft(deadline: number | null | undefined, now: number): number | null {
  return deadline == null ? null : Math.max(0, Math.ceil((deadline - now) / 1000));
}

/** When time left is next told: the deadline less a multiple of the interval; Infinity after the deadline. */
export function nextTick(deadline: number | null | undefined, now: number, interval: number): number {
  if (deadline == null || now >= deadline) return Infinity;
  return deadline - (Math.ceil((deadline - now) / interval) - 1) * interval;
}
