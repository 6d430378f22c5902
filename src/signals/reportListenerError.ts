import type { ShelflifeError } from '../errors/ShelflifeError.js';

interface Host {
  reportError?(error: unknown): void;
  readonly Deno?: unknown;
}

/**
 * Reports what a listener threw without throwing it at anybody else: `reportError` where the host has it (not in
 * Deno, where it ends the process), else the `onError` option, else the console.
 */
export function reportListenerError(
  error: unknown,
  onError: ((error: ShelflifeError) => void) | undefined,
  wrap: (error: unknown) => ShelflifeError,
): void {
  const host = globalThis as Host;
  try {
    if (host.reportError && !host.Deno) host.reportError(error);
    else if (onError) onError(wrap(error));
    else console.error(wrap(error));
  } catch (failure) {
    console.error(wrap(failure));
  }
}
