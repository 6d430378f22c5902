import { TimeoutError } from '../errors/TimeoutError.js';

/** Who comes last in each queue: a promise that resolves when it is the next one's turn. */
export type Turns = Map<string, Promise<void>>;

/**
 * Waits for everybody who came before under this name. Gives what ends the turn; a second call of it does nothing.
 *
 * @throws {TimeoutError} where the signal aborts before.
 */
export function takeTurn(
  turns: Turns,
  name: string,
  { signal, backend }: { readonly signal: AbortSignal; readonly backend: string },
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      reject(new TimeoutError('Another refresh did not finish in time. Try again.', { backend }));
    signal.addEventListener('abort', giveUp);
    if (signal.aborted) giveUp();
    const turn = (turns.get(name) ?? Promise.resolve()).then(
      () =>
        new Promise<void>((end) => {
          signal.removeEventListener('abort', giveUp);
          // Who gave up keeps the place in the queue and hands the turn on.
          if (signal.aborted) end();
          else resolve(end);
        }),
    );
    turns.set(name, turn);
    void turn.then(() => turns.get(name) === turn && turns.delete(name));
  });
}
