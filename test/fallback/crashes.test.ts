import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StorageUnavailableError } from '../../src/index.js';
import { fallbackBackend } from '../../src/fallback/fallback.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { frailBackend, type Mortal, type SharedValues, sharedValues } from './frailBackend.js';

const runs = process.env['SOAK'] ? 5000 : 250;

/** What one context, a tab say, is asked to do; it dies at a call of a storage, or lives on. */
interface Visit {
  /** How many of the layers, from the first, don't work for it. */
  readonly down: number;
  /** From which step on they work again. */
  readonly upAfter: number;
  readonly dieAt: number;
  readonly steps: readonly ('get' | 'write' | 'delete')[];
}

const visit: fc.Arbitrary<Visit> = fc.record({
  down: fc.integer({ min: 0, max: 2 }),
  upAfter: fc.integer({ min: 1, max: 6 }),
  dieAt: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant(Infinity)),
  steps: fc.array(fc.constantFrom('get', 'write', 'write', 'delete'), { minLength: 1, maxLength: 5 }),
});

describe('a fallback in contexts that die anywhere', () => {
  test('loses nothing, serves nothing older than what was seen, and brings nothing deleted back', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 6 }), async (visits) => {
        const values = [sharedValues(), sharedValues(), sharedValues()];
        const world = new World();
        for (const each of visits) await world.run(values, each);
        await world.run(values, { down: 0, upAfter: 0, dieAt: Infinity, steps: ['get', 'get'] });
        // Once it is written again and deleted, nothing of it is left anywhere.
        await world.run(values, { down: 0, upAfter: 0, dieAt: Infinity, steps: ['write', 'delete', 'get'] });
        const left = await Promise.all(
          values.map(async ({ backend }) => [...((await backend.keys('')) as Iterable<string>)]),
        );
        expect(left.flat().filter((key) => !key.startsWith('#fallback-probe'))).toEqual([]);
      }),
      { numRuns: runs },
    );
  });
});

/** What may be stored, by all that has been acknowledged and seen so far. */
class World {
  #possible: readonly (string | undefined)[] = [undefined];
  #written = 0;

  async run(values: readonly SharedValues[], { down, upAfter, dieAt, steps }: Visit): Promise<void> {
    const mortal: Mortal = { callsLeft: dieAt, isDead: false };
    let step = 0;
    const [first, ...others] = values.map((shared, index) =>
      frailBackend(`layer ${index}`, shared, mortal, () => index < down && step < upAfter),
    );
    const backend = fallbackBackend([first!, ...others]);
    for (const action of steps) {
      step += 1;
      try {
        await (action === 'get' ? this.#get(backend) : this.#change(backend, action));
      } catch (error) {
        if (mortal.isDead) return;
        // What is above and can't be reached is not "absent".
        expect(error).toBeInstanceOf(StorageUnavailableError);
        expect(down).toBeGreaterThan(0);
      }
    }
  }

  async #get(backend: StorageBackend): Promise<string | undefined> {
    const value = await backend.get('key');
    expect(this.#possible).toContain(value);
    this.#possible = [value];
    return value;
  }

  async #change(backend: StorageBackend, action: 'write' | 'delete'): Promise<void> {
    const expected = await this.#get(backend);
    const next = action === 'write' ? `value ${(this.#written += 1)}` : undefined;
    this.#possible = [expected, next];
    expect(await backend.compareAndSet('key', expected, next)).toBe(true);
    this.#possible = [next];
  }
}
