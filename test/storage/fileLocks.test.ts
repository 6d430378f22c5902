import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { uptime } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { successorOf } from '../../src/storage/file/Locks.js';
import { buildBackend } from './file/buildBackend.js';
import { afterTest, failure, makeSandbox, nameOf, onlyOwner } from './file/sandbox.js';

const soon = (milliseconds = 2000) => ({ signal: AbortSignal.timeout(milliseconds) });
const newNonce = () => randomBytes(16).toString('hex');

/** The directory of an owner, with its id file, by hand. */
function makeOwner(directory: string, identity: Record<string, unknown>): string {
  const home = join(directory, `.owner-${String(identity['nonce'])}`);
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, 'id'), JSON.stringify(identity), { mode: 0o600 });
  return join(home, 'id');
}

/** A directory with an owner and a lock by hand, of an owner like this process but for what is changed. */
async function heldBy(change: Record<string, unknown>, secondsAgo = 0, kind = 'lease', after = afterTest) {
  const sandbox = await makeSandbox(after);
  const backend = sandbox.open();
  await backend.compareAndSet('other', undefined, 'v');
  const { identity } = onlyOwner(sandbox.directory);
  const nonce = newNonce();
  const file = makeOwner(sandbox.directory, { ...identity, nonce, ...change });
  const lock = join(sandbox.directory, `${nameOf('a')}.${kind}`);
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
    expect(existsSync(file)).toBe(false);
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
      linkSync(makeOwner(directory, { ...identity, nonce: dead }), join(directory, name));
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

describe.concurrent('the lock of an owner, by its heartbeat,', () => {
  const elsewhere = { machine: 'another', pid: 4321, thread: 4321 };
  const aDay = 86_400;

  test('that cannot be known to be dead is waited for', { timeout: 60_000 }, async ({ onTestFinished }) => {
    const holders = [
      { who: 'lives, however old its heartbeat', change: {}, age: aDay, pid: process.pid },
      { who: 'is elsewhere, with a new heartbeat', change: elsewhere, age: 5, pid: 4321 },
      {
        who: 'is elsewhere, with an old heartbeat, by whatever clock',
        change: elsewhere,
        age: aDay,
        pid: 4321,
      },
      { who: 'is elsewhere, with a clock that goes ahead', change: elsewhere, age: -aDay, pid: 4321 },
      { who: 'is from another boot, by whatever clock', change: elsewhere, age: uptime() + aDay, pid: 4321 },
    ];
    const errors = await Promise.all(
      holders.map(async ({ change, age }) => {
        const { backend } = await heldBy(change, age, 'lease', onTestFinished);
        return failure(backend.lease?.('a', soon(20_000)));
      }),
    );
    errors.forEach((error, i) => {
      expect([holders[i]?.who, error.name]).toEqual([holders[i]?.who, 'TimeoutError']);
      expect(error.message).toContain(`process ${holders[i]?.pid}`);
    });
  });

  test(
    'that beats while it is watched keeps it, also where its clock is set back or stands still for others',
    { timeout: 60_000 },
    async ({ onTestFinished }) => {
      const { backend, file } = await heldBy(elsewhere, 0, 'lease', onTestFinished);
      let time = Date.now() / 1000;
      const timer = setInterval(() => utimesSync(file, time, (time -= 1000)), 10_000);
      onTestFinished(() => clearInterval(timer));
      expect((await failure(backend.lease?.('a', soon(38_000)))).name).toBe('TimeoutError');
    },
  );

  test(
    'elsewhere, and where only that can tell, is taken over when none came for 30 seconds',
    { timeout: 60_000 },
    async ({ onTestFinished }) => {
      const changes = [
        { namespace: 'pid:[1]' },
        { machine: 'another' },
        { timeNamespace: 'time:[1]' },
        { started: null },
        { timeNamespace: 'time:[1]', started: '1' },
      ];
      const ages = [0, aDay, -aDay, uptime() + aDay, 60];
      const held = await Promise.all(
        changes.map((change, i) =>
          heldBy({ pid: process.pid, thread: process.pid, ...change }, ages[i], 'lease', onTestFinished),
        ),
      );
      const times = await Promise.all(held.map(({ backend }) => elapsed(backend.lease?.('a', soon(50_000)))));
      for (const time of times) expect(time).toBeGreaterThan(29_000);
    },
  );

  test(
    'is judged by processes that live too short to watch for so long, together',
    { timeout: 60_000 },
    async ({ onTestFinished }) => {
      const held = await heldBy(elsewhere, -aDay, 'lock', onTestFinished);
      const outcomes: unknown[] = [];
      for (let i = 0; i < 10 && outcomes.at(-1) !== true; i++) {
        const script = held.open();
        outcomes.push(
          await Promise.resolve(script.compareAndSet('a', undefined, 'v')).catch(
            (error: Error) => error.name,
          ),
        );
        await script.close?.();
      }
      expect(outcomes.length).toBeGreaterThan(4);
      expect(new Set(outcomes)).toEqual(new Set(['TimeoutError', true]));
      await held.backend.close?.();
      const last = held.open();
      await last.compareAndSet('b', undefined, 'v');
      await last.close?.();
      expect(held.litter()).toEqual([]);
    },
  );

  test(
    'that is not whole is waited for, and dead after 30 seconds',
    { timeout: 60_000 },
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
      await Promise.all(
        [...texts.keys()].map(async (i) => (await backend.lease?.(`${i}`, soon(50_000)))?.release()),
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
    const { identity } = onlyOwner(directory);
    unlinkSync(lock);
    linkSync(makeOwner(directory, { ...identity, nonce: newNonce() }), lock);
    await new Promise((resolve) => lease?.signal.addEventListener('abort', resolve));
    await lease?.release();
    expect(existsSync(lock)).toBe(true);
  });
});

test('an owner whose directory was taken away is somebody new, and its lease is lost', async () => {
  const { open, directory } = await makeSandbox();
  const backend = open();
  const lease = await backend.lease?.('a', soon());
  const home = dirname(onlyOwner(directory).path);
  renameSync(home, home.replace('.owner-', '.fenced-'));
  const other = open();
  expect(await elapsed(other.lease?.('a', soon()))).toBeLessThan(1000);
  await new Promise((resolve) => lease?.signal.addEventListener('abort', resolve));
  expect(await backend.compareAndSet('a', undefined, 'v')).toBe(true);
});

test.each([
  ['a dangling link', (path: string) => symlinkSync('/nowhere/at/all', path)],
  ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
  ['an empty directory', (path: string) => mkdirSync(path)],
])('%s in the place of a lock is nobody’s, and put out of the way', async (_what, plant) => {
  const { open, directory, litter } = await makeSandbox();
  const backend = open();
  await backend.compareAndSet('b', undefined, 'v');
  for (const kind of ['lock', 'lease']) plant(join(directory, `${nameOf('a')}.${kind}`));
  expect(await elapsed(Promise.resolve(backend.compareAndSet('a', undefined, 'v')))).toBeLessThan(2000);
  await (await backend.lease?.('a', soon()))?.release();
  await backend.close?.();
  expect(litter()).toEqual([]);
});
