import { StorageUnavailableError } from '../errors/StorageUnavailableError.js';
import type { Lease, StorageBackend } from '../storage/StorageBackend.js';
import { KeyedQueue } from '../store/KeyedQueue.js';
import { LayeredRecord } from './LayeredRecord.js';
import { heldKey, isReserved } from './reservedKeys.js';
import { select, type Selection } from './Selection.js';

type LeaseMethod = NonNullable<StorageBackend['lease']>;
type QuarantineMethod = NonNullable<StorageBackend['quarantine']>;

/** Several backends as one: the first that works serves. */
export class FallbackBackend implements StorageBackend {
  readonly #layers: readonly [StorageBackend, ...StorageBackend[]];
  readonly #queue = new KeyedQueue();
  /** The keys of which the layers below are known to have nothing. */
  readonly #settled = new Set<string>();
  #selecting: Promise<Selection> | undefined;
  #selection: Selection | undefined;

  constructor(layers: readonly [StorageBackend, ...StorageBackend[]]) {
    this.#layers = layers;
  }

  get name(): string {
    return this.#serving.name;
  }

  get scope(): StorageBackend['scope'] {
    return this.#serving.scope;
  }

  get persistent(): boolean {
    return this.#serving.persistent;
  }

  get degraded(): StorageBackend['degraded'] {
    return this.#selection?.reason ?? this.#serving.degraded;
  }

  /** As the layer that serves has it, or has it not; of a getter the interface can't say so. */
  get lease(): LeaseMethod {
    const lease: LeaseMethod = async (key, options) => {
      const { serving } = await this.#select();
      // Where the layer turned out to have none, `compareAndSet` still decides.
      return serving.lease?.(key, options) ?? freeLease();
    };
    return (this.#serving.lease && lease) as LeaseMethod;
  }

  /** As the layer that serves has it, or has it not. */
  get quarantine(): QuarantineMethod {
    const quarantine: QuarantineMethod = (key) =>
      this.#use(key, async (record, { serving }) => {
        await record.read();
        await serving.quarantine?.(key);
      });
    return (this.#serving.quarantine && quarantine) as QuarantineMethod;
  }

  async get(key: string): Promise<string | undefined> {
    const selection = await this.#select();
    const value = selection.higher.length === 0 ? await new LayeredRecord(selection, key).look() : undefined;
    return value ?? this.#use(key, (record) => record.read());
  }

  compareAndSet(key: string, expected: string | undefined, next: string | undefined): Promise<boolean> {
    return this.#use(key, async (record, selection) => {
      const written = await this.#write(record, key, expected, next);
      if (!(await record.isHeldAbove())) return written;
      // It was moved up at the same moment: nobody can say with which text.
      if (written && next !== undefined) await record.takeBack(next);
      throw heldAbove(selection);
    });
  }

  async *keys(prefix: string): AsyncGenerator<string> {
    const { serving, lower, higher } = await this.#select();
    const seen = new Set<string>();
    // What a higher layer holds is known by its marks.
    const starts = higher.length > 0 ? [prefix, heldKey(prefix)] : [prefix];
    for (const layer of [serving, ...lower]) {
      for (const start of layer === serving ? starts : [prefix]) {
        for await (const found of await layer.keys(start)) {
          const key = start === prefix ? found : found.slice(start.length - prefix.length);
          if (seen.has(key) || isReserved(key)) continue;
          seen.add(key);
          yield key;
        }
      }
    }
  }

  subscribe(listener: (key: string | undefined) => void): () => void {
    // Other tabs may be served by another layer, from which a record may be moved, or to which it was.
    const endings = this.#layers.flatMap((layer) => {
      try {
        return (
          layer.subscribe?.((key) => (key !== undefined && isReserved(key) ? undefined : listener(key))) ?? []
        );
      } catch {
        // One that can't be used can't be heard either.
        return [];
      }
    });
    return () => {
      for (const end of endings) end();
    };
  }

  /** Afterwards the layers are tried anew. */
  async close(): Promise<void> {
    this.#selecting = undefined;
    this.#selection = undefined;
    this.#settled.clear();
    const closed = await Promise.allSettled(this.#layers.map(async (layer) => layer.close?.()));
    const failed = closed.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  get #serving(): StorageBackend {
    return this.#selection?.serving ?? this.#layers[0];
  }

  async #write(
    record: LayeredRecord,
    key: string,
    expected: string | undefined,
    next: string | undefined,
  ): Promise<boolean> {
    if (next === undefined) return record.delete(expected);
    if (expected === undefined) return record.create(next);
    const written = await record.replace(expected, next, this.#settled.has(key));
    if (written) this.#settled.add(key);
    return written;
  }

  /** Uses a record where it is: here, or in a higher layer, if that works by now. One use of a key at a time. */
  #use<T>(key: string, use: (record: LayeredRecord, selection: Selection) => Promise<T>): Promise<T> {
    return this.#queue.run(key, async () => {
      for (;;) {
        const selection = await this.#select();
        const record = new LayeredRecord(selection, key);
        if (!(await record.isHeldAbove())) return use(record, selection);
        await this.#moveUp(selection);
      }
    });
  }

  async #select(): Promise<Selection> {
    this.#selecting ??= select(this.#layers);
    const selecting = this.#selecting;
    try {
      const selection = await selecting;
      if (this.#selecting === selecting) this.#selection = selection;
      return selection;
    } catch (error) {
      if (this.#selecting === selecting) this.#selecting = undefined;
      throw error;
    }
  }

  /** @throws {StorageUnavailableError} where none of the higher layers works. */
  async #moveUp(selection: Selection): Promise<void> {
    if (selection !== this.#selection) return;
    let higher: Selection;
    try {
      higher = await select(selection.higher);
    } catch {
      throw heldAbove(selection);
    }
    if (selection !== this.#selection) return;
    const rest = this.#layers.slice(this.#layers.indexOf(higher.serving) + 1);
    const usable = [...higher.lower, selection.serving, ...selection.lower];
    this.#selection = { ...higher, lower: rest.filter((layer) => usable.includes(layer)) };
    this.#selecting = Promise.resolve(this.#selection);
    this.#settled.clear();
  }
}

function heldAbove({ serving, reason }: Selection): StorageUnavailableError {
  const why = reason?.message ?? '';
  return new StorageUnavailableError(
    `The record is kept in a storage that can't be used for now, not in "${serving.name}". ${why} Try again.`,
    { backend: serving.name },
  );
}

function freeLease(): Lease {
  return { signal: new AbortController().signal, release: async () => {} };
}
