import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackage, type BuiltPackage } from './support.js';

let built: BuiltPackage;
beforeAll(async () => {
  built = await buildPackage();
});
afterAll(() => built.remove());

const quiet = { code: 0, stderr: '' };
const prelude = `
  import { createCredentialStore, memoryBackend } from 'shelflife';
  const tokens = (expires_in) => ({ access_token: 'access', refresh_token: 'refresh', issued_at: new Date(), expires_in });
  const store = createCredentialStore({ storage: memoryBackend() });
  const session = store.entry();
`;

describe.concurrent('a script ends by itself', () => {
  test('that stores, subscribes and ends: within a second, with code 0 and nothing on stderr', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(3600));
      session.expiry.subscribe(({ status }) => console.log(status));
      session.credentials.subscribe(() => {});
      session.timeLeft().subscribe(() => {});
      store.health.subscribe(() => {});
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'fresh\n' });
    expect(outcome.lived).toBeLessThan(1000);
  });

  test('that observes while its refresh, or its storage, never answers', async () => {
    for (const script of [
      `const hanging = createCredentialStore({ storage: memoryBackend(), refresh: () => new Promise(() => {}) }).entry();
       await hanging.set(tokens(0));
       hanging.expiry.subscribe(() => {});`,
      `const storage = { ...memoryBackend(), get: () => new Promise(() => {}) };
       const hanging = createCredentialStore({ storage }).entry();
       hanging.expiry.subscribe(() => {});
       hanging.expirySignal();`,
    ]) {
      const outcome = await built.run(`${prelude}${script}`);
      expect(outcome).toMatchObject(quiet);
      expect(outcome.lived).toBeLessThan(1000);
    }
  });

  test('that waits for a storage or a refresh that never answers: when the time is over', async () => {
    const outcome = await built.run(`${prelude}
      const bounds = { timeout: 300, refreshTimeout: 300 };
      const storage = { ...memoryBackend(), get: () => new Promise(() => {}) };
      await createCredentialStore({ storage, ...bounds }).entry().get().catch(({ name }) => console.log(name));
      const refresh = () => new Promise(() => {});
      const hanging = createCredentialStore({ storage: memoryBackend(), refresh, ...bounds });
      await hanging.entry().set(tokens(0));
      hanging.entry().expiry.subscribe(() => {});
      await hanging.entry().getAccessToken().catch(({ name }) => console.log(name));
      await hanging.close();
      console.log('closed');
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'TimeoutError\nTimeoutError\nclosed\n' });
  });

  test('that gave up many waits, with the memory they took given back', async () => {
    const outcome = await built.run(
      `${prelude}
      const giveUp = async (times) => {
        for (let count = 0; count < times; count += 1) {
          const controller = new AbortController();
          const wait = session.until('expired', { signal: controller.signal }).catch(() => {});
          controller.abort();
          await wait;
        }
        gc();
        return process.memoryUsage().heapUsed;
      };
      await session.set(tokens(3600));
      await giveUp(2000);
      const before = await giveUp(2000);
      console.log((await giveUp(10_000)) - before < 4_000_000);
    `,
      { nodeOptions: ['--expose-gc'] },
    );
    expect(outcome).toMatchObject({ ...quiet, stdout: 'true\n' });
  });

  test('that keeps its tokens in a file', async () => {
    const outcome = await built.run(`
      import { createCredentialStore } from 'shelflife';
      import { fileBackend } from 'shelflife/file';
      import { mkdtempSync, rmSync } from 'node:fs';
      import { tmpdir } from 'node:os';
      import { join } from 'node:path';
      const directory = mkdtempSync(join(tmpdir(), 'shelflife-script-'));
      process.on('exit', () => rmSync(directory, { recursive: true }));
      const session = createCredentialStore({ storage: fileBackend({ directory }) }).entry();
      await session.set({ access_token: 'access', issued_at: new Date(), expires_in: 3600 });
      session.expiry.subscribe(({ status }) => status === 'loading' || console.log(status));
      session.timeLeft().subscribe(() => {});
      const signal = session.expirySignal();
      console.log((await session.get()).issued_at instanceof Date, signal.aborted);
    `);
    expect(outcome).toMatchObject(quiet);
    expect(outcome.stdout.split('\n')).toEqual(expect.arrayContaining(['fresh', 'true false']));
    expect(outcome.lived).toBeLessThan(1000);
  });

  test('with an expirySignal, and an iterator that nobody waits for', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(3600));
      session.expirySignal().addEventListener('abort', () => console.log('aborted'));
      const iterator = session.expiry[Symbol.asyncIterator]();
      console.log((await iterator.next()).value.status);
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'fresh\n' });
    expect(outcome.lived).toBeLessThan(1000);
  });

  test('while a failed refresh waits to be tried again', async () => {
    const outcome = await built.run(`
      import { createCredentialStore, memoryBackend } from 'shelflife';
      const store = createCredentialStore({ storage: memoryBackend(), refresh: () => Promise.reject(new Error('503')) });
      const session = store.entry();
      await session.set({ access_token: 'access' });
      session.expiry.subscribe(() => {});
      await new Promise((resolve) => setImmediate(resolve));
    `);
    expect(outcome).toMatchObject(quiet);
    expect(outcome.lived).toBeLessThan(1000);
  });

  test('with a listener that throws: told on stderr, and no crash', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(3600));
      session.expiry.subscribe(() => { throw new Error('from a listener'); });
      session.expiry.subscribe(({ status }) => console.log(status));
    `);
    expect(outcome).toMatchObject({ code: 0, stdout: 'fresh\n' });
    expect(outcome.stderr).toContain('from a listener');
  });

  test('with more than ten observers and signals: no warning of a leak', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(3600));
      const aborting = new AbortController();
      for (let index = 0; index < 50; index += 1) {
        session.expiry.subscribe(() => {});
        session.expirySignal();
        void session.get();
      }
      for (let index = 0; index < 50; index += 1) await session.until('fresh', { signal: aborting.signal });
    `);
    expect(outcome).toMatchObject(quiet);
  });
});

describe.concurrent('a script that waits is waited for', () => {
  test("until('expired'), and ends with code 0", async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(1));
      const { status } = await session.until('expired');
      console.log(status);
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'expired\n' });
    expect(outcome.lived).toBeGreaterThan(900);
    expect(outcome.lived).toBeLessThan(3000);
  });

  test('until on a file', async () => {
    const outcome = await built.run(`
      import { createCredentialStore } from 'shelflife';
      import { fileBackend } from 'shelflife/file';
      import { mkdtempSync, rmSync } from 'node:fs';
      import { tmpdir } from 'node:os';
      import { join } from 'node:path';
      const directory = mkdtempSync(join(tmpdir(), 'shelflife-script-'));
      process.on('exit', () => rmSync(directory, { recursive: true }));
      const store = createCredentialStore({ storage: fileBackend({ directory }) });
      await store.entry().set({ access_token: 'access', issued_at: new Date(), expires_in: 1 });
      console.log((await store.entry().until('expired')).status);
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'expired\n' });
  });

  test('for await, to its break', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(1));
      for await (const { status } of session.expiry) {
        console.log(status);
        if (status === 'expired') break;
      }
      console.log('after');
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'fresh\nexpiring\nexpired\nafter\n' });
  });

  test('for await over timeLeft, to zero', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(2));
      for await (const left of session.timeLeft()) {
        console.log(left);
        if (left === 0) break;
      }
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: '2\n1\n0\n' });
  });

  test('beside a subscription that came first, and whose timer held nothing', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(1));
      session.timeLeft({ every: 100 }).subscribe(() => {});
      session.expiry.subscribe(() => {});
      await session.until('expired');
      console.log('waited');
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'waited\n' });
  });

  test('nothing that is observed is collected, though nobody keeps the store or the entry', async () => {
    const outcome = await built.run(
      `
      import { createCredentialStore, memoryBackend } from 'shelflife';
      const open = async (look) => {
        const session = createCredentialStore({ storage: memoryBackend() }).entry();
        await session.set({ access_token: 'access', issued_at: new Date(), expires_in: 1 });
        return look(session);
      };
      const heard = [];
      await open((session) => void session.expiry.subscribe(({ status }) => heard.push('subscribe ' + status)));
      await open((session) => void session.until('expired').then(({ status }) => heard.push('until ' + status)));
      const signal = await open((session) => session.expirySignal());
      const timeLeft = await open((session) => session.timeLeft());
      for (let time = 0; time < 15; time += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        global.gc();
      }
      heard.push('signal ' + signal.aborted, 'timeLeft ' + timeLeft.value);
      console.log(heard.sort().join('\\n'));
    `,
      { nodeOptions: ['--expose-gc'] },
    );
    expect(outcome).toMatchObject(quiet);
    expect(outcome.stdout.trim().split('\n')).toEqual([
      'signal true',
      'subscribe expired',
      'subscribe expiring',
      'subscribe fresh',
      'timeLeft 0',
      'until expired',
    ]);
  });

  test('an until() that is left by its signal holds nothing any more', async () => {
    const outcome = await built.run(`${prelude}
      await session.set(tokens(3600));
      const aborting = new AbortController();
      const left = session.until('expired', { signal: aborting.signal });
      aborting.abort(new Error('left'));
      await left.catch(({ message }) => console.log(message));
      session.expiry.subscribe(() => {});
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'left\n' });
    expect(outcome.lived).toBeLessThan(1000);
  });
});

describe.concurrent('long lifetimes in a real process', () => {
  test('25, 30 and 400 days and 100 years, watched for 2 s: no warning, no event, no refresh', async () => {
    const outcome = await built.run(`
      import { createCredentialStore, memoryBackend } from 'shelflife';
      process.on('warning', ({ name }) => console.log('warning', name));
      const events = [];
      const kept = [];
      const store = createCredentialStore({
        storage: memoryBackend(),
        refresh: () => { events.push('refresh'); return new Promise(() => {}); },
      });
      for (const days of [25, 30, 400, 36525]) {
        const entry = store.entry(String(days));
        await entry.set({ access_token: 'access', issued_at: new Date(), expires_in: days * 86400 });
        entry.expiry.subscribe(({ status }) => events.push(status));
        entry.credentials.subscribe(() => {});
        entry.timeLeft({ every: 86_400_000 * days }).subscribe((left) => events.push(left / 86400));
        const signal = entry.expirySignal();
        signal.addEventListener('abort', () => events.push('aborted'));
        kept.push(entry, signal);
      }
      await new Promise((resolve) => setTimeout(resolve, 2000));
      console.log(events.join());
    `);
    expect(outcome).toMatchObject(quiet);
    expect(outcome.stdout).toBe('fresh,25,fresh,30,fresh,400,fresh,36525\n');
  });

  test('options of any length neither warn nor fire at once', async () => {
    const outcome = await built.run(`
      import { createCredentialStore, memoryBackend } from 'shelflife';
      const slow = { ...memoryBackend(), get: () => new Promise((resolve) => setTimeout(resolve, 50)) };
      for (const timeout of [2 ** 31, 2 ** 32 + 50, Infinity]) {
        const store = createCredentialStore({
          storage: slow,
          timeout,
          refreshTimeout: timeout,
          refresh: () => new Promise((resolve) => setTimeout(resolve, 50, { access_token: 'second', expires_in: 60 })),
        });
        console.log(await store.entry().get());
      }
      const store = createCredentialStore({
        storage: memoryBackend(),
        timeout: Infinity,
        refreshTimeout: 2 ** 31,
        refresh: () => new Promise((resolve) => setTimeout(resolve, 50, { access_token: 'second', expires_in: 60 })),
      });
      await store.entry().set({ access_token: 'first' });
      console.log(await store.entry().getAccessToken());
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'undefined\nundefined\nundefined\nsecond\n' });
  });
});

describe.concurrent('importing and constructing do nothing', () => {
  test('with what could be touched stubbed to throw', async () => {
    const outcome = await built.run(`
      const refuse = (name) => () => { throw new Error(name + ' was used'); };
      const globals = ['setTimeout', 'setInterval', 'addEventListener', 'removeEventListener', 'fetch', 'queueMicrotask'];
      for (const name of globals) globalThis[name] = refuse(name);
      for (const name of ['AbortController', 'BroadcastChannel', 'MessageChannel', 'Worker']) {
        globalThis[name] = class { constructor() { refuse(name)(); } };
      }
      for (const name of ['crypto', 'localStorage', 'sessionStorage', 'indexedDB', 'document', 'window']) {
        Object.defineProperty(globalThis, name, { configurable: true, get: refuse(name) });
      }
      Math.random = refuse('Math.random');
      Date.now = refuse('Date.now');
      const { createCredentialStore, memoryBackend } = await import('shelflife');
      const { fileBackend } = await import('shelflife/file');
      for (const storage of [memoryBackend(), fileBackend({ directory: '/nowhere/at/all' })]) {
        const entry = createCredentialStore({ storage, refresh: refuse('refresh'), onError: refuse('onError') }).entry();
        void [entry.expiry, entry.credentials, entry.timeLeft(), entry.expiry.getServerSnapshot()];
      }
      console.log('untouched');
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'untouched\n' });
  });

  test('a read works where there is no crypto, no BroadcastChannel and no events', async () => {
    const outcome = await built.run(`
      for (const name of ['crypto', 'BroadcastChannel', 'addEventListener', 'removeEventListener', 'navigator']) {
        Object.defineProperty(globalThis, name, { configurable: true, value: undefined });
      }
      const { createCredentialStore, memoryBackend } = await import('shelflife');
      const entry = createCredentialStore({ storage: memoryBackend() }).entry();
      console.log(entry.expiry.value.status, await entry.get());
      entry.expiry.subscribe(() => {});
    `);
    expect(outcome).toMatchObject({ ...quiet, stdout: 'absent undefined\n' });
  });
});
