import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { basename, join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { successorOf } from '../../src/storage/file/Locks.js';
import { buildBackend } from './file/buildBackend.js';
import { afterTest, failure, makeSandbox, nameOf, onlyOwner } from './file/sandbox.js';

const soon = (milliseconds = 2000) => ({ signal: AbortSignal.timeout(milliseconds) });
const newNonce = () => randomBytes(16).toString('hex');

/** A directory with an id file and a lock by hand, of an owner like this process but for what is changed. */
async function heldBy(change: Record<string, unknown>, secondsAgo = 0, kind = 'lease', after = afterTest) {
  const sandbox = await makeSandbox(after);
  const backend = sandbox.open();
  await backend.compareAndSet('other', undefined, 'v');
  const { identity } = onlyOwner(sandbox.directory);
  const nonce = newNonce();
  const file = join(sandbox.directory, `.owner-${nonce}`);
  const lock = join(sandbox.directory, `${nameOf('a')}.${kind}`);
  writeFileSync(file, JSON.stringify({ ...identity, nonce, ...change }), { mode: 0o600 });
  linkSync(file, lock);
  const time = Date.now() / 1000 - secondsAgo;
  utimesSync(file, time, time);
  return { ...sandbox, backend, file, lock, nonce };
}

const elapsed = async (promise: Promise<unknown> | undefined) => {
  const since = performance.now();
  await promise;
  return performance.now() - since;
};

describe('a lease', () => {
  test('is held by one at a time, within a backend and between two', async () => {
    const { open } = await makeSandbox();
    const [one, two] = [open(), open()];
    let holders = 0;
    const take = async (backend: typeof one) => {
      const lease = await backend.lease?.('a', soon(20_000));
      expect(++holders).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      holders--;
      await lease?.release();
    };
    await Promise.all(Array.from({ length: 40 }, (_, i) => take(i % 2 ? one : two)));
  });

  test('of one key is not waited for by another key, nor by writes', async () => {
    const { open } = await makeSandbox();
    const [one, two] = [open(), open()];
    await one.lease?.('a', soon());
    await (await two.lease?.('b', soon()))?.release();
    expect(await two.compareAndSet('a', undefined, 'v')).toBe(true);
  });

  test.each(['the same backend', 'another backend'])(
    'is waited for no longer than the signal says, from %s',
    async (from) => {
      const { open } = await makeSandbox();
      const one = open();
      await one.lease?.('a', soon());
      const two = from === 'another backend' ? open() : one;
      const error = await failure(two.lease?.('a', soon(100)));
      expect(error).toMatchObject({ name: 'TimeoutError', retryable: true, backend: 'file' });
      expect(error.message).toContain(`process ${process.pid}`);
      expect((await failure(two.lease?.('a', { signal: AbortSignal.abort() }))).name).toBe('TimeoutError');
    },
  );

  test('released twice is released once, and never in the name of its next holder', async () => {
    const { open, directory } = await makeSandbox();
    const [one, two] = [open(), open()];
    const first = await one.lease?.('a', soon());
    await Promise.all([first?.release(), first?.release()]);
    const second = await two.lease?.('a', soon());
    await first?.release();
    expect(existsSync(join(directory, `${nameOf('a')}.lease`))).toBe(true);
    expect((await failure(one.lease?.('a', soon(100)))).name).toBe('TimeoutError');
    await second?.release();
    expect(existsSync(join(directory, `${nameOf('a')}.lease`))).toBe(false);
  });
});

describe('the lock of an owner', () => {
  test('that it failed to give back is taken by it again', async () => {
    const { open, directory } = await makeSandbox();
    const backend = open();
    await backend.compareAndSet('b', undefined, 'v');
    for (const kind of ['lease', 'lock']) {
      linkSync(onlyOwner(directory).path, join(directory, `${nameOf('a')}.${kind}`));
    }
    expect(await elapsed(backend.lease?.('a', soon()))).toBeLessThan(1000);
    expect(await backend.compareAndSet('a', undefined, 'v')).toBe(true);
  });

  test('with a process id that is used again is taken over', async () => {
    const { backend, file } = await heldBy({ started: '1' });
    expect(await elapsed(backend.lease?.('a', soon()))).toBeLessThan(2000);
    await backend.close?.();
    expect(statSync(file).nlink).toBe(1);
  });

  test('whose process is gone is taken over, also for a write', async () => {
    const { backend } = await heldBy({ pid: 2 ** 22 - 1, thread: 2 ** 22 - 1 }, 0, 'lock');
    expect(await elapsed(Promise.resolve(backend.compareAndSet('a', undefined, 'v')))).toBeLessThan(2000);
  });

  test('that died while it was taking over from a dead one is taken over with what it was about to take', async () => {
    const { directory, litter, open, lock, nonce, file } = await heldBy({ started: '1' });
    const identity: object = JSON.parse(readFileSync(file, 'utf8'));
    let [name, dead] = [basename(lock), nonce];
    for (let depth = 0; depth < 3; depth++) {
      name = successorOf(name, dead);
      dead = newNonce();
      const id = join(directory, `.owner-${dead}`);
      writeFileSync(id, JSON.stringify({ ...identity, nonce: dead }));
      linkSync(id, join(directory, name));
    }
    const next = open();
    expect(await elapsed(next.lease?.('a', soon()))).toBeLessThan(2000);
    await next.close?.();
    const last = open();
    await last.compareAndSet('b', undefined, 'v');
    await last.close?.();
    expect(litter()).toHaveLength(1);
  });

  test.each(['lease', 'lock'])(
    'that is dead leaves no %s and no succession to it after the next write',
    async (kind) => {
      const { directory, litter, open, lock, nonce, file } = await heldBy({ started: '1' }, 0, kind);
      linkSync(file, join(directory, successorOf(basename(lock), newNonce())));
      linkSync(file, join(directory, successorOf(basename(lock), nonce)));
      writeFileSync(join(directory, `.temporary-${nonce}-7`), 'half a val');
      writeFileSync(join(directory, `h${'a'.repeat(64)}.key`), 'a key without a value');
      const next = open();
      await next.compareAndSet('b', undefined, 'v');
      await next.close?.();
      // The one who made this mess is still open.
      expect(litter()).toEqual([expect.stringMatching(/^\.owner-/)]);
    },
  );

  test('that twenty others wait for passes to one after the other', async () => {
    const { open } = await heldBy({ started: '1' });
    const backends = Array.from({ length: 20 }, open);
    let holders = 0;
    await Promise.all(
      backends.map(async (backend) => {
        const lease = await backend.lease?.('a', soon(20_000));
        expect(++holders).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        holders--;
        await lease?.release();
      }),
    );
  });

  test('that was a thread which ended is taken over; one that runs is waited for', async () => {
    const { open, directory } = await makeSandbox();
    const thread = new Thread(await buildBackend(), {
      argv: ['hold', directory, 'a'],
      stdin: true,
      stdout: true,
    });
    afterTest(async () => void (await thread.terminate()));
    await new Promise((resolve) => thread.stdout.once('data', resolve));
    const backend = open();
    expect((await failure(backend.lease?.('a', soon(200)))).name).toBe('TimeoutError');
    await thread.terminate();
    expect(await elapsed(backend.lease?.('a', soon()))).toBeLessThan(2000);
  });
});

/** Seconds: older than a heartbeat may be, and still from after the start of this machine. */
const old = 90;

describe.concurrent('the lock of an owner, by its heartbeat,', () => {
  test('that cannot be known to be dead is waited for', { timeout: 15_000 }, async ({ onTestFinished }) => {
    const elsewhere = { machine: 'another', pid: 4321, thread: 4321 };
    const holders = [
      {
        who: 'lives, however old its heartbeat',
        held: await heldBy({}, 86_400, 'lease', onTestFinished),
        pid: process.pid,
      },
      {
        who: 'is elsewhere, with a new heartbeat',
        held: await heldBy(elsewhere, 5, 'lease', onTestFinished),
        pid: 4321,
      },
      {
        who: 'is elsewhere, with a heartbeat that sets in again as after sleep',
        held: await heldBy(elsewhere, old, 'lease', onTestFinished),
        pid: 4321,
        beats: true,
      },
    ];
    const timers = holders.map(({ held, beats }) => {
      let time = Date.now() / 1000 - old / 2;
      return setInterval(() => beats && utimesSync(held.file, time, (time += 2)), 2000);
    });
    onTestFinished(() => timers.forEach((timer) => clearInterval(timer)));
    const errors = await Promise.all(
      holders.map(({ held }) => failure(held.backend.lease?.('a', soon(4800)))),
    );
    errors.forEach((error, i) => {
      expect([holders[i]?.who, error.name]).toEqual([holders[i]?.who, 'TimeoutError']);
      expect(error.message).toContain(`process ${holders[i]?.pid}`);
    });
  });

  test(
    'elsewhere is taken over when its heartbeat is old and stays away',
    { timeout: 15_000 },
    async ({ onTestFinished }) => {
      const changes = [{ namespace: 'pid:[1]' }, { machine: 'another' }];
      const held = await Promise.all(
        changes.map((change) => heldBy({ ...change, pid: 1, thread: 1 }, old, 'lease', onTestFinished)),
      );
      const times = await Promise.all(held.map(({ backend }) => elapsed(backend.lease?.('a', soon(10_000)))));
      for (const time of times) expect(time).toBeGreaterThan(2500);
    },
  );

  test('from before this machine was started is dead at first sight, also to a sweep', async ({
    onTestFinished,
  }) => {
    const beforeStart = uptime() + 3600;
    const held = await heldBy({ machine: 'an earlier boot' }, beforeStart, 'lease', onTestFinished);
    expect(await elapsed(held.backend.lease?.('a', soon(10_000)))).toBeLessThan(1000);
    const left = await heldBy({ machine: 'an earlier boot' }, beforeStart, 'lock', onTestFinished);
    const script = left.open();
    await script.compareAndSet('another key', undefined, 'v');
    await script.close?.();
    await left.backend.close?.();
    expect(left.litter()).toEqual([]);
  });

  test(
    'that is not whole is waited for, and dead when it is old',
    { timeout: 15_000 },
    async ({ onTestFinished }) => {
      const { open, directory } = await makeSandbox(onTestFinished);
      const backend = open();
      await backend.compareAndSet('a', undefined, 'v');
      const texts = ['', '{"pid":', 'null', '{"pid":-1}', '\u0000'];
      const locks = texts.map((_, i) => join(directory, `${nameOf(`${i}`)}.lease`));
      locks.forEach((lock, i) => writeFileSync(lock, texts[i] ?? ''));
      for (const i of texts.keys()) {
        const error = await failure(backend.lease?.(`${i}`, soon(50)));
        expect(error.name).toBe('TimeoutError');
        expect(error.message).toContain('unknown process');
      }
      for (const lock of locks) utimesSync(lock, 1, 1);
      await Promise.all(
        [...texts.keys()].map(async (i) => (await backend.lease?.(`${i}`, soon(10_000)))?.release()),
      );
      expect(locks.filter((lock) => existsSync(lock))).toEqual([]);
    },
  );

  test('that became somebody else’s aborts the signal of the lease and is left to them', async ({
    onTestFinished,
  }) => {
    const { open, directory } = await makeSandbox(onTestFinished);
    const lease = await open().lease?.('a', soon());
    const lock = join(directory, `${nameOf('a')}.lease`);
    unlinkSync(lock);
    writeFileSync(lock, JSON.stringify({ ...onlyOwner(directory).identity, nonce: newNonce() }));
    await new Promise((resolve) => lease?.signal.addEventListener('abort', resolve));
    await lease?.release();
    expect(existsSync(lock)).toBe(true);
  });
});
