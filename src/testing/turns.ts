/** Taken at load: a runner's fake timers, switched on later, must not stop the event loop's own turns. */
const immediate: ((run: () => void) => unknown) | undefined = globalThis.setImmediate;

/** Whole turns of the event loop, so that promises and input/output that is ready settle in between. */
export interface Turns {
  /** Resolves after so many turns. */
  readonly pass: (count: number) => Promise<void>;
  /** Gives back what the turns were made with. */
  readonly close: () => void;
}

/**
 * Starts counting turns. `setTimeout(0)` won't do: browsers make the fifth in a row wait for 4 ms, and a
 * long advance takes hundreds of thousands of turns.
 */
export function openTurns(): Turns {
  if (immediate) {
    return {
      async pass(count) {
        for (let turn = 0; turn < count; turn += 1)
          await new Promise<void>((resolve) => void immediate(resolve));
      },
      close() {},
    };
  }
  const { port1, port2 } = new MessageChannel();
  port1.start();
  return {
    async pass(count) {
      for (let turn = 0; turn < count; turn += 1) {
        await new Promise<void>((resolve) => {
          port1.addEventListener('message', () => resolve(), { once: true });
          port2.postMessage(undefined);
        });
      }
    },
    close() {
      port1.close();
    },
  };
}
