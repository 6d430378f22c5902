import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import { summarizeCause } from '../errors/summarizeCause.js';
import type { MaybePromise, StorageBackend } from '../storage/StorageBackend.js';
import { createNonce } from '../store/createNonce.js';
import { withTimeout } from '../store/withTimeout.js';
import { probeKey } from './reservedKeys.js';

/** How long a layer may take to show that it works, in milliseconds. */
const patience = 2000;

/** Which layer serves, and what it is used with. */
export interface Selection {
  readonly serving: StorageBackend;
  /** Those above, which did not work. */
  readonly higher: readonly StorageBackend[];
  /** Those below that can be read, from the higher to the lower. */
  readonly lower: readonly StorageBackend[];
  /** Why none of those above serves. */
  readonly reason: StorageUnavailableError | undefined;
}

/**
 * Finds the first layer that works by use.
 *
 * @throws {StorageUnavailableError} where none does.
 */
export async function select(layers: readonly StorageBackend[]): Promise<Selection> {
  const failures: string[] = [];
  for (const [index, serving] of layers.entries()) {
    const nonce = createNonce();
    const failure = await failureOf(() => probe(serving, nonce));
    if (failure !== undefined) {
      failures.push(`"${serving.name}" can't be used (${failure})`);
      continue;
    }
    const below = layers.slice(index + 1);
    const usable = await Promise.all(below.map((layer) => isOther(layer, nonce)));
    await failureOf(() => serving.compareAndSet(probeKey(nonce), nonce, undefined));
    return {
      serving,
      higher: layers.slice(0, index),
      lower: below.filter((_, position) => usable[position]),
      reason:
        index === 0
          ? undefined
          : new StorageUnavailableError(
              `The storage ${failures.join(', ')}; "${serving.name}" is used instead.`,
              { backend: serving.name },
            ),
    };
  }
  throw new StorageUnavailableError(`No storage works: ${failures.join(', ')}.`);
}

/** Writes and reads: some storages only fail, or forget, when they are used. */
async function probe(layer: StorageBackend, nonce: string): Promise<void> {
  const key = probeKey(nonce);
  if (!(await layer.compareAndSet(key, undefined, nonce))) throw new Error('it does not write');
  if ((await layer.get(key)) !== nonce) throw new Error('it does not keep what is written');
}

/** Whether a layer can be read, and is not the very storage that is probed by another name. */
async function isOther(layer: StorageBackend, nonce: string): Promise<boolean> {
  let isSame = false;
  const failure = await failureOf(async () => {
    isSame = (await layer.get(probeKey(nonce))) === nonce;
  });
  return failure === undefined && !isSame;
}

async function failureOf(use: () => MaybePromise<unknown>): Promise<string | undefined> {
  try {
    const late = (): Error => new Error(`no answer within ${patience} ms`);
    await withTimeout((async () => use())(), patience, late);
    return undefined;
  } catch (error) {
    const { name, message } = summarizeCause(error);
    return message || name;
  }
}
