import type { StorageBackend } from '../storage/StorageBackend.js';
import { pause } from '../storage/pause.js';
import { createNonce } from '../store/createNonce.js';
import { claimOf, heldKey, isClaim } from './reservedKeys.js';
import type { Selection } from './Selection.js';

/** How long a claim is left to whoever made it, in milliseconds; then it counts as left behind. */
const patience = 50;

/**
 * The record of one key in several layers, seen from the one that serves.
 *
 * Before a layer gets a record, those below are marked, and what they have of it is removed before it changes: so
 * what is below a record is never newer, and a layer that is marked serves nothing. A record moves up into the place
 * of a claim, and a deletion meanwhile removes the claim, so that nothing deleted comes back.
 */
export class LayeredRecord {
  readonly #serving: StorageBackend;
  readonly #lower: readonly StorageBackend[];
  readonly #isTop: boolean;
  readonly #key: string;

  constructor({ serving, lower, higher }: Selection, key: string) {
    this.#serving = serving;
    this.#lower = lower;
    this.#isTop = higher.length === 0;
    this.#key = key;
  }

  /** Whether a higher layer holds the record, and it is to be read and written there or nowhere. */
  async isHeldAbove(): Promise<boolean> {
    return !this.#isTop && (await this.#serving.get(heldKey(this.#key))) !== undefined;
  }

  /** What the layer that serves has; `undefined` also where a layer below may have something. */
  async look(): Promise<string | undefined> {
    return valueIn(await this.#serving.get(this.#key));
  }

  /** What the layer that serves has, once it has what was found below. */
  async read(): Promise<string | undefined> {
    const value = await this.#serving.get(this.#key);
    if (valueIn(value) !== undefined) return value;
    const isAnywhere = value !== undefined || (await this.#below()) !== undefined;
    return isAnywhere ? this.#fill((below) => below) : undefined;
  }

  /** Writes a record that is absent from all layers. */
  async create(next: string): Promise<boolean> {
    if (this.#lower.length === 0) return this.#serving.compareAndSet(this.#key, undefined, next);
    if ((await this.look()) !== undefined) return false;
    return (await this.#fill((below) => below ?? next)) === next;
  }

  /** Writes over a record. `isSettled`: the layers below are known to have nothing of it. */
  async replace(expected: string, next: string, isSettled: boolean): Promise<boolean> {
    if (!isSettled && this.#lower.length > 0) {
      if ((await this.read()) !== expected) return false;
      await this.#mark(false);
      await this.#clearBelow();
    }
    return this.#serving.compareAndSet(this.#key, expected, next);
  }

  /** Deletes a record from all layers, the lowest first. */
  async delete(expected: string | undefined): Promise<boolean> {
    if ((await this.read()) !== expected) return false;
    const value = await this.#serving.get(this.#key);
    if (valueIn(value) !== expected) return false;
    const marks = await Promise.all(this.#lower.map((layer) => layer.get(heldKey(this.#key))));
    await this.#clearBelow();
    if (!(await this.#serving.compareAndSet(this.#key, value, undefined))) return false;
    await this.#unmark(marks);
    return true;
  }

  /** Takes back what was written while a higher layer took the record. */
  async takeBack(written: string): Promise<void> {
    await this.#serving.compareAndSet(this.#key, written, undefined);
  }

  /**
   * Puts in the place of an absent record what a function makes of what the layers below have of it. Gives what is
   * stored then, by whomever.
   */
  async #fill(make: (below: string | undefined) => string | undefined): Promise<string | undefined> {
    let seen: string | undefined;
    for (;;) {
      const found = await this.#serving.get(this.#key);
      if (valueIn(found) !== undefined) return found;
      if (found !== seen) {
        seen = found;
        await pause(patience + Math.random() * patience);
        continue;
      }
      const claim = claimOf(createNonce());
      if (!(await this.#serving.compareAndSet(this.#key, found, claim))) continue;
      await this.#mark(true);
      const next = make(await this.#below());
      const marks = await Promise.all(this.#lower.map((layer) => layer.get(heldKey(this.#key))));
      if (!(await this.#serving.compareAndSet(this.#key, claim, next))) continue;
      if (next === undefined) {
        await this.#unmark(marks);
        return undefined;
      }
      // What is below goes only once the record is seen above.
      const stored = await this.look();
      if (stored !== undefined) await this.#clearBelow();
      return stored;
    }
  }

  /** What the highest of the layers below has that has anything. */
  async #below(): Promise<string | undefined> {
    for (const layer of this.#lower) {
      const value = valueIn(await layer.get(this.#key));
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** `anew`: so that who is about to remove an older mark leaves it. */
  async #mark(anew: boolean): Promise<void> {
    for (const layer of this.#lower) {
      try {
        const mark = await layer.get(heldKey(this.#key));
        if (anew || mark === undefined) await layer.compareAndSet(heldKey(this.#key), mark, createNonce());
      } catch {
        // It is full, say. Without the mark it says "absent" where it has to serve; there is no copy it could give.
      }
    }
  }

  async #unmark(marks: readonly (string | undefined)[]): Promise<void> {
    for (const [index, layer] of this.#lower.entries())
      if (marks[index] !== undefined) await layer.compareAndSet(heldKey(this.#key), marks[index], undefined);
  }

  async #clearBelow(): Promise<void> {
    for (const layer of this.#lower.toReversed()) {
      // What is set aside of it goes too, also where there is no record.
      while (!(await layer.compareAndSet(this.#key, await layer.get(this.#key), undefined)));
    }
  }
}

/** A value that is one: a claim only holds its place. */
function valueIn(stored: string | undefined): string | undefined {
  return isClaim(stored) ? undefined : stored;
}
