import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCredentialStore, memoryBackend } from '../../src/index.js';
import { migrate, type Progress } from '../../src/migrate/migrate.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { frailBackend, immortal, type Mortal, sharedValues } from '../fallback/frailBackend.js';

async function filled(values: Readonly<Record<string, string>>): Promise<StorageBackend> {
  const backend = memoryBackend();
  for (const [key, value] of Object.entries(values)) await backend.compareAndSet(key, undefined, value);
  return backend;
}

async function contentsOf(backend: StorageBackend): Promise<Record<string, string | undefined>> {
  const contents: Record<string, string | undefined> = {};
  for await (const key of await backend.keys('')) contents[key] = await backend.get(key);
  return contents;
}

describe('migrate', () => {
  test('moves what stores have kept, and the new store goes on with it', async () => {
    const [from, to] = [memoryBackend(), memoryBackend()];
    const before = createCredentialStore({ storage: from });
    await before.entry('one').set({ access_token: 'a synthetic token', expires_in: null });
    await before.close();
    expect(await migrate({ from, to, prefix: 'shelflife' })).toEqual({ done: 1, total: 1, failed: [] });
    const after = createCredentialStore({ storage: to });
    expect(await after.entry('one').getAccessToken()).toBe('a synthetic token');
    expect(await contentsOf(from)).toEqual({});
  });

  test('moves the keys with the prefix only, and tells its progress', async () => {
    const from = await filled({ 'a:1': 'one', 'a:2': 'two', 'b:1': 'stays' });
    const to = memoryBackend();
    const told: Progress[] = [];
    const end = await migrate({ from, to, prefix: 'a:', onProgress: (progress) => void told.push(progress) });
    expect(told).toEqual([
      { done: 1, total: 2, failed: [] },
      { done: 2, total: 2, failed: [] },
    ]);
    expect(end).toEqual(told[1]);
    expect(await contentsOf(from)).toEqual({ 'b:1': 'stays' });
    expect(await contentsOf(to)).toEqual({ 'a:1': 'one', 'a:2': 'two' });
  });

  test('leaves both where the target has another record, and moves it once that is gone', async () => {
    const [from, to] = [await filled({ one: 'old', two: 'value' }), await filled({ one: 'new' })];
    expect(await migrate({ from, to })).toEqual({ done: 1, total: 2, failed: ['one'] });
    expect([await contentsOf(from), await contentsOf(to)]).toEqual([
      { one: 'old' },
      { one: 'new', two: 'value' },
    ]);
    await to.compareAndSet('one', 'new', undefined);
    expect(await migrate({ from, to })).toEqual({ done: 1, total: 1, failed: [] });
    expect(await migrate({ from, to })).toEqual({ done: 0, total: 0, failed: [] });
  });

  test('says what it would do and writes nothing, if asked to', async () => {
    const [from, to] = [await filled({ one: 'old', two: 'value' }), await filled({ one: 'new' })];
    expect(await migrate({ from, to, dryRun: true })).toEqual({ done: 1, total: 2, failed: ['one'] });
    expect([await contentsOf(from), await contentsOf(to)]).toEqual([
      { one: 'old', two: 'value' },
      { one: 'new' },
    ]);
  });

  test("goes on where a record can't be read or written", async () => {
    const from = await filled({ one: 'value', two: 'value' });
    const failing: StorageBackend = {
      ...from,
      get(key) {
        if (key === 'one') throw new Error('The disk is broken.');
        return from.get(key);
      },
    };
    expect(await migrate({ from: failing, to: memoryBackend() })).toEqual({
      done: 1,
      total: 2,
      failed: ['one'],
    });
  });

  test('takes over what is written while it moves it, and lets go of what is deleted', async () => {
    const from = await filled({ changed: 'first', deleted: 'first' });
    const to = memoryBackend();
    const meanwhile: StorageBackend = {
      ...to,
      async compareAndSet(key, expected, next) {
        if (next === 'first')
          await from.compareAndSet(key, 'first', key === 'changed' ? 'second' : undefined);
        return to.compareAndSet(key, expected, next);
      },
    };
    expect(await migrate({ from, to: meanwhile })).toMatchObject({ done: 2, failed: [] });
    expect([await contentsOf(from), await contentsOf(to)]).toEqual([{}, { changed: 'second' }]);
  });

  test('ends when it is told to, and goes on when it is called again', async () => {
    const from = await filled({ one: '1', two: '2', three: '3' });
    const to = memoryBackend();
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = migrate({
      from,
      to,
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
    expect([Object.keys(await contentsOf(from)).length, Object.keys(await contentsOf(to)).length]).toEqual([
      2, 1,
    ]);
    await expect(migrate({ from, to, signal: controller.signal })).rejects.toBe(reason);
    expect(await migrate({ from, to })).toEqual({ done: 2, total: 2, failed: [] });
    expect(await contentsOf(to)).toEqual({ one: '1', two: '2', three: '3' });
  });

  test('loses nothing however often it is killed', async () => {
    const contents = { one: '1', two: '2', three: '3', four: '4' };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 6 }), async (deaths) => {
        const [from, to] = [sharedValues(), sharedValues()];
        for (const [key, value] of Object.entries(contents))
          await from.backend.compareAndSet(key, undefined, value);
        for (const callsLeft of deaths) {
          const mortal: Mortal = { callsLeft, isDead: false };
          const [source, target] = [frailBackend('from', from, mortal), frailBackend('to', to, mortal)];
          await migrate({ from: source, to: target }).catch(() => undefined);
          expect({ ...(await contentsOf(to.backend)), ...(await contentsOf(from.backend)) }).toEqual(
            contents,
          );
        }
        await migrate({ from: frailBackend('from', from, immortal()), to: to.backend });
        expect([await contentsOf(from.backend), await contentsOf(to.backend)]).toEqual([{}, contents]);
      }),
    );
  });

  const backend = memoryBackend();
  test.each([
    undefined,
    {},
    { from: backend },
    { from: backend, to: backend },
    { from: backend, to: {} },
    { from: backend, to: memoryBackend(), prefix: 1 },
    { from: backend, to: memoryBackend(), onProgress: true },
    { from: backend, to: memoryBackend(), signal: {} },
  ])('refuses %o', async (options) => {
    await expect(migrate(options as never)).rejects.toThrow(TypeError);
  });
});
