/** Lets a timer keep the process alive, or not. (Deno's timers are numbers; in browsers there is nothing to do.) */
export function holdTimer(handle: unknown, isHeld: boolean): void {
  const method = isHeld ? 'ref' : 'unref';
  (handle as { ref?(): void; unref?(): void } | undefined)?.[method]?.();
  if (typeof handle !== 'number') return;
  const { Deno } = globalThis as { Deno?: { refTimer?(id: number): void; unrefTimer?(id: number): void } };
  Deno?.[`${method}Timer`]?.(handle);
}
