import {
  forceCloseDatabase,
  IDBDatabase,
  IDBFactory,
  IDBKeyRange,
  IDBObjectStore,
  IDBTransaction,
} from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { indexedDBBackend } from '../../src/storage/indexeddb.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { testBackend } from '../../src/testing/index.js';
import { stubLocks } from './web/fakeLocks.js';
import { stubPage } from './web/stubPage.js';

const opened: StorageBackend[] = [];

function open(options?: { readonly database?: string }): StorageBackend {
  const backend = indexedDBBackend(options);
  opened.push(backend);
  return backend;
}

/** Every connection that is opened, in order. */
function spyOnConnections(): IDBDatabase[] {
  const connections: IDBDatabase[] = [];
  const realOpen = indexedDB.open.bind(indexedDB);
  vi.spyOn(indexedDB, 'open').mockImplementation((...given) => {
    const request = realOpen(...given);
    request.addEventListener('success', () => connections.push(request.result));
    return request;
  });
  return connections;
}

/** Tells of each opening that has to wait for somebody else's connection. */
function spyOnBlocked(): () => void {
  const blocked = vi.fn<() => void>();
  const realOpen = indexedDB.open.bind(indexedDB);
  vi.spyOn(indexedDB, 'open').mockImplementation((...given) => {
    const request = realOpen(...given);
    request.addEventListener('blocked', blocked);
    return request;
  });
  return blocked;
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error as Error));
  });
}

async function failureOf(work: unknown): Promise<unknown> {
  try {
    return { succeeded: await work };
  } catch (error) {
    return error;
  }
}

function isClosed(connection: IDBDatabase | undefined): boolean {
  try {
    connection!.transaction('credentials');
    return false;
  } catch (error) {
    return (error as DOMException).name === 'InvalidStateError';
  }
}

/** Works on the database as another program would. */
async function meddle<T>(work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await done(indexedDB.open('shelflife'));
  try {
    return await done(work(database.transaction('credentials', 'readwrite').objectStore('credentials')));
  } finally {
    database.close();
  }
}

beforeEach(() => {
  vi.stubGlobal('indexedDB', new IDBFactory());
  vi.stubGlobal('IDBKeyRange', IDBKeyRange);
});

afterEach(async () => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  for (const backend of opened.splice(0)) await backend.close!();
});

testBackend({ name: 'IndexedDB', create: () => open(), test });

describe('indexedDBBackend', () => {
  test('opens nothing when it is made', () => {
    const connections = vi.spyOn(indexedDB, 'open');
    open();
    expect(connections).not.toHaveBeenCalled();
  });

  test('keeps records in the database it was told, and in "shelflife" otherwise', async () => {
    await open().compareAndSet('key', undefined, 'value');
    await open({ database: 'another' }).compareAndSet('key', undefined, 'other value');
    expect((await indexedDB.databases()).map(({ name }) => name).toSorted()).toEqual([
      'another',
      'shelflife',
    ]);
    expect(await open().get('key')).toBe('value');
  });

  test.each([[7], [null]])('refuses %j as a database, by the name of the option', (database) => {
    expect(() => indexedDBBackend({ database: database as never })).toThrow(TypeError);
    expect(() => indexedDBBackend({ database: database as never })).toThrow('"database"');
  });

  test('lets exactly one of a hundred parallel writers win, from two backend objects', async () => {
    const backends = [open(), open()];
    const writers = Array.from({ length: 100 }, (_, index) =>
      backends[index % 2]!.compareAndSet('key', undefined, `value ${index}`),
    );
    const won = (await Promise.all(writers)).flatMap((winner, index) => (winner ? [index] : []));
    expect(won).toHaveLength(1);
    expect(await backends[0]!.get('key')).toBe(`value ${won[0]}`);
  });

  test('asks for writes that are on disk when they are committed', async () => {
    const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction');
    await open().compareAndSet('key', undefined, 'value');
    expect(transaction).toHaveBeenCalledWith('credentials', 'readwrite', { durability: 'strict' });
  });

  test('takes a write that is there already for done: the attempt that seemed to fail was committed', async () => {
    const backend = open();
    await backend.compareAndSet('key', undefined, 'one');
    await backend.compareAndSet('key', 'one', 'two');
    expect(await backend.compareAndSet('key', 'one', 'two')).toBe(true);
    expect(await backend.compareAndSet('key', 'one', 'three')).toBe(false);
  });

  test('keeps keys apart that file systems and careless code take for the same', async () => {
    const keys = ['', 'x'.repeat(300), '../x', 'a/b', 'A', 'a', '__proto__', '🔑', '\u00e9', 'e\u0301'];
    const backend = open();
    for (const key of keys) expect(await backend.compareAndSet(key, undefined, `value of ${key}`)).toBe(true);
    for (const key of keys) expect(await backend.get(key)).toBe(`value of ${key}`);
    expect([...((await backend.keys('')) as string[])].toSorted()).toEqual(keys.toSorted());
    expect(await backend.keys('..')).toEqual(['../x']);
  });
});

describe('foreign values', () => {
  test.each([
    [
      { access_token: 'token', issued_at: new Date(0) },
      '{"access_token":"token","issued_at":"1970-01-01T00:00:00.000Z"}',
    ],
    [7, '7'],
    [null, 'null'],
    [false, 'false'],
    [new Map([['a', 1]]), '{}'],
    [10n, 'bigint'],
    [Object.assign([], { self: null }), '[]'],
  ])('%s is given as a text, always the same, and can be replaced', async (value, text) => {
    const backend = open();
    await backend.get('key');
    await meddle((store) => store.put(value, 'key'));
    expect(await backend.get('key')).toBe(text);
    expect(await backend.get('key')).toBe(text);
    expect(await backend.compareAndSet('key', text, 'mended')).toBe(true);
    expect(await backend.get('key')).toBe('mended');
  });

  test('a value that refers to itself is given as a text too', async () => {
    const value: Record<string, unknown> = {};
    value['self'] = value;
    const backend = open();
    await backend.get('key');
    await meddle((store) => store.put(value, 'key'));
    expect(await backend.get('key')).toBe('object');
  });

  test('keys that are no strings are not listed', async () => {
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    for (const key of [1, new Date(0), new Uint8Array([1]), [], ['key']])
      await meddle((store) => store.put('x', key));
    expect(await backend.keys('')).toEqual(['key']);
  });
});

const copyOf = (key: string) => meddle((store) => store.get([key, 'damaged']) as IDBRequest<unknown>);

describe('quarantine', () => {
  test('copies the bytes as they are', async () => {
    const backend = open();
    await backend.get('key');
    const damaged = { any: new Date(5) };
    await meddle((store) => store.put(damaged, 'key'));
    await backend.quarantine!('key');
    expect(await copyOf('key')).toEqual(damaged);
    expect(await backend.keys('')).toEqual(['key']);
  });

  test('survives the next write, and goes with the key', async () => {
    const backend = open();
    await backend.compareAndSet('key', undefined, 'damaged');
    await backend.quarantine!('key');
    await backend.compareAndSet('key', 'damaged', 'mended');
    expect(await copyOf('key')).toBe('damaged');
    expect(await backend.compareAndSet('key', 'other', undefined)).toBe(false);
    expect(await copyOf('key')).toBe('damaged');
    await backend.compareAndSet('key', 'mended', undefined);
    expect(await copyOf('key')).toBeUndefined();
  });

  test('goes with the key also when only the copy is left', async () => {
    const backend = open();
    await backend.compareAndSet('key', undefined, 'damaged');
    await backend.quarantine!('key');
    await meddle((store) => store.delete('key'));
    expect(await backend.compareAndSet('key', undefined, undefined)).toBe(true);
    expect(await copyOf('key')).toBeUndefined();
  });

  test('keeps nothing of a key that is absent', async () => {
    const backend = open();
    await backend.quarantine!('key');
    expect(await copyOf('key')).toBeUndefined();
  });
});

describe('a connection', () => {
  test('that was closed without a word is opened again', async () => {
    const connections = spyOnConnections();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    connections[0]!.close();
    expect(await backend.get('key')).toBe('value');
    connections[1]!.close();
    expect(await backend.compareAndSet('key', 'value', 'next')).toBe(true);
    expect(connections).toHaveLength(3);
  });

  test('that the browser closed is opened again', async () => {
    const connections = spyOnConnections();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    forceCloseDatabase(connections[0] as never);
    expect(await backend.get('key')).toBe('value');
  });

  test('that is lost in the middle of a write is opened again, and the write is tried again', async () => {
    const connections = spyOnConnections();
    const backend = open();
    await backend.get('key');
    const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (
      this: IDBObjectStore,
    ) {
      forceCloseDatabase(connections[0] as never);
      this.transaction.abort();
      return undefined as never;
    });
    expect(await backend.compareAndSet('key', undefined, 'value')).toBe(true);
    expect(put).toHaveBeenCalledTimes(2);
    expect(await backend.get('key')).toBe('value');
  });

  test.each(['UnknownError', 'NotFoundError', 'AbortError', 'InvalidStateError'])(
    'that is dead with %s is opened again once, and then the error is typed',
    async (name) => {
      const connections = spyOnConnections();
      const backend = open();
      await backend.get('key');
      const transaction = vi.spyOn(IDBDatabase.prototype, 'transaction').mockImplementationOnce(() => {
        throw new DOMException('Connection to Indexed Database server lost.', name);
      });
      expect(await backend.get('key')).toBeUndefined();
      expect(connections).toHaveLength(2);
      transaction.mockImplementation(() => {
        throw new DOMException('Connection to Indexed Database server lost.', name);
      });
      await expect(backend.get('key')).rejects.toMatchObject({
        name: 'StorageUnavailableError',
        backend: 'indexeddb',
        cause: { name, message: 'Connection to Indexed Database server lost.' },
      });
      expect(connections).toHaveLength(3);
      transaction.mockRestore();
      expect(await backend.get('key')).toBeUndefined();
    },
  );

  test('gives way when another tab deletes the database, and finds an empty one then', async () => {
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    await done(indexedDB.deleteDatabase('shelflife'));
    expect(await backend.get('key')).toBeUndefined();
    expect(await backend.compareAndSet('key', undefined, 'new')).toBe(true);
  });

  test('gives way when another tab upgrades the database', async () => {
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    (await done(indexedDB.open('shelflife', 9))).close();
    expect(await backend.get('key')).toBe('value');
  });

  test('to a database that somebody else made gets our object store, and leaves theirs', async () => {
    const request = indexedDB.open('shelflife', 3);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore('theirs'));
    (await done(request)).close();
    const backend = open();
    expect(await backend.compareAndSet('key', undefined, 'value')).toBe(true);
    const database = await done(indexedDB.open('shelflife'));
    expect([...database.objectStoreNames]).toEqual(['credentials', 'theirs']);
    database.close();
  });

  test('is opened by two at once for a database that somebody else made', async () => {
    (await done(indexedDB.open('shelflife'))).close();
    const backends = [open(), open(), open()];
    expect(await Promise.all(backends.map((backend) => backend.get('key')))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is closed by close(), and opened again when needed', async () => {
    const page = stubPage();
    const connections = spyOnConnections();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    expect(page.listeners).toBeGreaterThan(0);
    await backend.close!();
    await backend.close!();
    expect(page.listeners).toBe(0);
    expect(isClosed(connections[0])).toBe(true);
    expect(await backend.get('key')).toBe('value');
  });

  test('that was still opening is closed by close() too', async () => {
    const connections = spyOnConnections();
    const backend = open();
    const reading = backend.get('key');
    await backend.close!();
    await reading;
    await vi.waitFor(() => expect(isClosed(connections[0])).toBe(true));
  });
});

describe('opening', () => {
  test('says so where there is no IndexedDB', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const backend = open();
    await expect(backend.get('key')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringContaining('Choose another backend') as string,
    });
    await expect(backend.compareAndSet('key', undefined, 'value')).rejects.toThrow('no IndexedDB');
    await expect(backend.keys('')).rejects.toThrow('no IndexedDB');
  });

  test('says why the browser refuses, and asks again the next time', async () => {
    const refusing = vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    });
    const backend = open();
    await expect(backend.get('key')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      cause: { name: 'SecurityError', message: 'The operation is insecure.' },
    });
    refusing.mockRestore();
    expect(await backend.get('key')).toBeUndefined();
  });

  test('that never settles ends in a TimeoutError after five seconds, and the next try is a new one', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const hanging = vi.spyOn(indexedDB, 'open').mockImplementation(() => ({}) as IDBOpenDBRequest);
    const backend = open();
    const outcome = failureOf(backend.get('key'));
    await vi.advanceTimersByTimeAsync(4999);
    expect(await Promise.race([outcome, 'waiting'])).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcome).toMatchObject({ name: 'TimeoutError', backend: 'indexeddb', retryable: true });
    hanging.mockRestore();
    vi.useRealTimers();
    expect(await backend.get('key')).toBeUndefined();
  });

  test('that succeeds too late leaves no connection open', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let succeed!: () => void;
    const close = vi.fn<() => void>();
    vi.spyOn(indexedDB, 'open').mockImplementation(() => {
      const result = { close, objectStoreNames: { contains: () => true } };
      const request = { result } as unknown as IDBOpenDBRequest;
      succeed = () => request.onsuccess!(new Event('success'));
      return request;
    });
    const outcome = failureOf(open().get('key'));
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome).toMatchObject({ name: 'TimeoutError' });
    succeed();
    expect(close).toHaveBeenCalledOnce();
  });

  test('blocked by a connection that does not give way ends in a TimeoutError, and works when it has gone', async () => {
    const stubborn = await done(indexedDB.open('shelflife'));
    const blocked = spyOnBlocked();
    const backend = open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const outcome = failureOf(backend.get('key'));
    await vi.waitFor(() => expect(blocked).toHaveBeenCalled(), { interval: 1 });
    await vi.advanceTimersByTimeAsync(5000);
    expect(await outcome).toMatchObject({ name: 'TimeoutError', retryable: true });
    vi.useRealTimers();
    stubborn.close();
    expect(await backend.get('key')).toBeUndefined();
  });
});

function failPut(error: DOMException | null): void {
  const { put } = IDBObjectStore.prototype;
  vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(function (this: IDBObjectStore, ...given) {
    const request = put.apply(this, given);
    this.transaction.abort();
    Object.assign(this.transaction, { error });
    return request;
  });
}

describe('a failing transaction', () => {
  test('that is full rejects with StorageQuotaError, keeps the old value and works again later', async () => {
    const backend = open();
    await backend.compareAndSet('key', undefined, 'old');
    failPut(new DOMException('', 'QuotaExceededError'));
    await expect(backend.compareAndSet('key', 'old', 'new')).rejects.toMatchObject({
      name: 'StorageQuotaError',
      backend: 'indexeddb',
    });
    expect(await backend.get('key')).toBe('old');
    expect(await backend.compareAndSet('key', 'old', 'new')).toBe(true);
  });

  test('that says nothing of its cause is tried once more', async () => {
    const backend = open();
    failPut(null);
    expect(await backend.compareAndSet('key', undefined, 'value')).toBe(true);
  });

  test('that knows its cause better than the request says it', async () => {
    const backend = open();
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore) {
      const request = this.count();
      this.transaction.abort();
      Object.assign(this.transaction, { error: new DOMException('The disk is broken.', 'UnknownError') });
      return request;
    });
    await expect(backend.get('key')).rejects.toMatchObject({ cause: { name: 'UnknownError' } });
  });

  test('that never says its cause rejects with a typed error all the same', async () => {
    const backend = open();
    vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementation(function (this: IDBObjectStore) {
      this.transaction.abort();
      return {} as never;
    });
    await expect(backend.compareAndSet('key', undefined, 'value')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      message: expect.stringContaining('aborted') as string,
    });
  });
});

/** Makes the next read come back empty during `pagehide`, as WebKit does. */
function readNothingDuring(event: () => void, method: 'get' | 'getAllKeys', nothing: unknown): void {
  const real = IDBObjectStore.prototype[method] as (this: unknown, ...given: unknown[]) => IDBRequest;
  function readNothing(this: unknown, ...given: unknown[]): IDBRequest {
    const request = real.apply(this, given);
    Object.defineProperty(request, 'result', { get: () => nothing, set() {}, configurable: true });
    request.addEventListener('success', event);
    return request;
  }
  vi.spyOn(IDBObjectStore.prototype, method as 'get').mockImplementationOnce(readNothing);
}

describe('while the page goes away', () => {
  test('an empty read is a failure, never "absent"', async () => {
    const page = stubPage();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    readNothingDuring(() => page.dispatch('pagehide'), 'get', undefined);
    await expect(backend.get('key')).rejects.toMatchObject({ name: 'StorageUnavailableError' });
  });

  test('an empty list is a failure too, and so is a comparison with nothing', async () => {
    const page = stubPage();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    readNothingDuring(() => page.dispatch('pagehide'), 'getAllKeys', []);
    await expect(backend.keys('')).rejects.toMatchObject({ name: 'StorageUnavailableError' });
    page.dispatch('pageshow');
    readNothingDuring(() => page.dispatch('pagehide'), 'get', undefined);
    await expect(backend.compareAndSet('key', 'value', 'next')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
    });
  });

  test('an empty read that began after pagehide is a failure, and one after pageshow an answer', async () => {
    const page = stubPage();
    const backend = open();
    await backend.get('key');
    page.dispatch('pagehide');
    await expect(backend.get('key')).rejects.toMatchObject({ name: 'StorageUnavailableError' });
    page.dispatch('pageshow');
    expect(await backend.get('key')).toBeUndefined();
  });

  test('an empty read across a stay in the back/forward cache is read again', async () => {
    const page = stubPage();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    const leaveAndReturn = () => {
      page.dispatch('pagehide');
      page.dispatch('pageshow');
    };
    readNothingDuring(leaveAndReturn, 'get', undefined);
    expect(await backend.get('key')).toBe('value');
  });

  test('a read that found something is an answer', async () => {
    const page = stubPage();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    page.dispatch('pagehide');
    expect(await backend.get('key')).toBe('value');
  });

  test('a write that has not come further than its comparison is given up, and blocks nobody', async () => {
    const page = stubPage();
    const [backend, other] = [open(), open()];
    await backend.compareAndSet('key', undefined, 'value');
    const get = vi.spyOn(IDBObjectStore.prototype, 'get').mockImplementationOnce(function (
      this: IDBObjectStore,
      key,
    ) {
      get.mockRestore();
      const request = this.get(key);
      page.dispatch('pagehide');
      return request;
    });
    await expect(backend.compareAndSet('key', 'value', 'late')).rejects.toMatchObject({
      name: 'StorageUnavailableError',
      retryable: true,
    });
    expect(await other.get('key')).toBe('value');
    page.dispatch('pageshow');
    expect(await backend.compareAndSet('key', 'value', 'next')).toBe(true);
  });

  test('a write that has written ends without the page', async () => {
    const page = stubPage();
    const backend = open();
    const commit = vi.spyOn(IDBTransaction.prototype, 'commit').mockImplementationOnce(function (
      this: IDBTransaction,
    ) {
      commit.mockRestore();
      this.commit();
      page.dispatch('pagehide');
    });
    expect(await backend.compareAndSet('key', undefined, 'value')).toBe(true);
    page.dispatch('pageshow');
    expect(await backend.get('key')).toBe('value');
  });

  test('the connection is closed on pagehide, and never because the page is hidden', async () => {
    const page = stubPage();
    const connections = spyOnConnections();
    const backend = open();
    await backend.compareAndSet('key', undefined, 'value');
    page.dispatch('visibilitychange');
    expect(isClosed(connections[0])).toBe(false);
    page.dispatch('pagehide');
    await Promise.resolve();
    expect(isClosed(connections[0])).toBe(true);
  });

  test('the first pageshow, which comes with loading, closes nothing', async () => {
    const page = stubPage();
    const connections = spyOnConnections();
    await open().get('key');
    page.dispatch('pageshow');
    await Promise.resolve();
    expect(isClosed(connections[0])).toBe(false);
  });
});

describe('hints and leases', () => {
  test('a change is told to other backend objects of the database once it is committed', async () => {
    const [writer, reader, stranger] = [open(), open(), open({ database: 'another' })];
    const seen: unknown[] = [];
    reader.subscribe!((key) => seen.push(key));
    const strange = vi.fn<() => void>();
    stranger.subscribe!(strange);
    await writer.compareAndSet('key', undefined, 'value');
    await writer.compareAndSet('key', 'other', 'refused');
    await writer.compareAndSet('key', 'value', undefined);
    await vi.waitFor(() => expect(seen).toEqual(['key', 'key']));
    expect(strange).not.toHaveBeenCalled();
  });

  test('a hint never comes before its commit', async () => {
    const [writer, reader] = [open(), open()];
    await writer.compareAndSet('key', undefined, '0');
    const heard: Promise<string | undefined>[] = [];
    reader.subscribe!(() => heard.push(Promise.resolve(reader.get('key'))));
    await writer.compareAndSet('key', '0', '1');
    await vi.waitFor(() => expect(heard).not.toEqual([]));
    expect(await Promise.all(heard)).toEqual(['1']);
  });

  test('a lease is a Web Lock named by database and key, where Web Locks reach other tabs', async () => {
    const backend = open({ database: 'mine' });
    expect(backend.degraded).toBe(true);
    const locks = stubLocks();
    expect(backend.degraded).toBe(false);
    const lease = await backend.lease!('key', { signal: new AbortController().signal });
    expect([...locks.held.keys()]).toEqual(['shelflife:mine:key']);
    await lease.release();
    expect(locks.held.size).toBe(0);
  });

  test('without Web Locks, the backend objects of a page take turns all the same', async () => {
    const [one, other, stranger] = [open(), open(), open({ database: 'another' })];
    const signal = new AbortController().signal;
    const lease = await one.lease!('key', { signal });
    await (await other.lease!('another key', { signal })).release();
    await (await stranger.lease!('key', { signal })).release();
    const impatient = other.lease!('key', { signal: AbortSignal.timeout(20) });
    await expect(impatient).rejects.toMatchObject({
      name: 'TimeoutError',
      retryable: true,
      backend: 'indexeddb',
    });
    const next = other.lease!('key', { signal });
    await lease.release();
    await (await next).release();
  });
});
