import { describe, expect, test, vi } from 'vitest';
import { localStorageBackend, sessionStorageBackend } from '../../src/storage/local-storage.js';
import { testBackend } from '../../src/testing/index.js';
import { FakeStorageArea } from './web/fakeStorageArea.js';
import { stubLocks } from './web/fakeLocks.js';
import { stubPage } from './web/stubPage.js';

testBackend({
  name: 'localStorage',
  create: () => localStorageBackend({ area: new FakeStorageArea() }),
  test,
});

function stubGetter(name: string, get: () => unknown): void {
  vi.stubGlobal(name, undefined); // so that vitest puts back what was there
  Object.defineProperty(globalThis, name, { get, configurable: true });
}

describe('localStorageBackend', () => {
  test('touches nothing when it is made', () => {
    const get = vi.fn<() => unknown>();
    stubGetter('localStorage', get);
    stubGetter('sessionStorage', get);
    localStorageBackend();
    sessionStorageBackend();
    expect(get).not.toHaveBeenCalled();
  });

  test('answers at once, under the key itself', () => {
    const area = new FakeStorageArea();
    const backend = localStorageBackend({ area });
    expect(backend.compareAndSet('key', undefined, 'value')).toBe(true);
    expect(area.values.get('key')).toBe('value');
    expect(backend.get('key')).toBe('value');
    expect(backend.keys('k')).toEqual(['key']);
  });

  test('never reads, changes or clears other keys', async () => {
    const area = new FakeStorageArea();
    area.values.set('theirs', 'untouched');
    const backend = localStorageBackend({ area });
    await backend.compareAndSet('ours', undefined, 'value');
    await backend.keys('ours');
    const end = backend.subscribe!(() => {});
    await backend.compareAndSet('ours', 'value', undefined);
    end();
    await backend.close!();
    expect(area.done.filter((action) => !action.endsWith(' ours'))).toEqual([]);
    expect([...area.values]).toEqual([['theirs', 'untouched']]);
  });

  test('overwrites without deleting first, so a full storage keeps what was there', () => {
    const area = new FakeStorageArea();
    const backend = localStorageBackend({ area });
    void backend.compareAndSet('key', undefined, 'old');
    area.quota = 0;
    const overwrite = () => backend.compareAndSet('key', 'old', 'new');
    expect(overwrite).toThrow(
      expect.objectContaining({ name: 'StorageQuotaError', backend: 'local-storage', retryable: true }),
    );
    expect(backend.get('key')).toBe('old');
    expect(area.done).not.toContain('remove key');
    area.quota = 10;
    expect(overwrite()).toBe(true);
  });

  test.each([
    [
      'has a getter that throws',
      () => {
        throw new DOMException('The operation is insecure.', 'SecurityError');
      },
    ],
    ['is undefined', () => undefined],
    ['is null', () => null],
    ['has no methods', () => ({})],
    ['is a proxy without methods', () => new Proxy({}, { get: () => undefined })],
  ])('says what was expected where the storage %s', (_case, get) => {
    stubGetter('localStorage', get);
    const backend = localStorageBackend();
    const unavailable = expect.objectContaining({
      name: 'StorageUnavailableError',
      message: expect.stringMatching(/must be a Storage object.*Allow site data/) as string,
      backend: 'local-storage',
    });
    expect(() => backend.get('key')).toThrow(unavailable);
    expect(() => backend.compareAndSet('key', undefined, 'value')).toThrow(unavailable);
    expect(() => backend.keys('')).toThrow(unavailable);
    backend.subscribe!(() => {})();
  });

  test('says so where a method throws, and works again when it does', () => {
    const area = new FakeStorageArea();
    const backend = localStorageBackend({ area });
    vi.spyOn(area, 'getItem').mockImplementationOnce(() => {
      throw new DOMException('The operation is insecure.', 'SecurityError');
    });
    expect(() => backend.get('key')).toThrow(expect.objectContaining({ name: 'StorageUnavailableError' }));
    expect(backend.get('key')).toBeUndefined();
  });

  test('finds a storage that appears after it was made', () => {
    const backend = localStorageBackend();
    vi.stubGlobal('localStorage', new FakeStorageArea());
    expect(backend.get('key')).toBeUndefined();
  });

  test.each([['text'], [null], [7]])('refuses %j as an area, by the name of the option', (area) => {
    expect(() => localStorageBackend({ area: area as never })).toThrow(TypeError);
    expect(() => localStorageBackend({ area: area as never })).toThrow('"area"');
  });

  test('hints at what other tabs change in its own area only', () => {
    const page = stubPage();
    const area = new FakeStorageArea();
    const hints: (string | undefined)[] = [];
    const end = localStorageBackend({ area }).subscribe!((key) => hints.push(key));
    page.dispatch('storage', { storageArea: area, key: 'key' });
    page.dispatch('storage', { storageArea: new FakeStorageArea(), key: 'other area' });
    page.dispatch('storage', { storageArea: area, key: null }); // clear()
    end();
    page.dispatch('storage', { storageArea: area, key: 'late' });
    expect(hints).toEqual(['key', undefined]);
  });

  test('touches its area when subscribing, without which WebKit delivers nothing', () => {
    const area = new FakeStorageArea();
    const key = vi.spyOn(area, 'key');
    localStorageBackend({ area }).subscribe!(() => {})();
    expect(key).toHaveBeenCalled();
  });

  test('hints at what another backend object of the page changed', async () => {
    const area = new FakeStorageArea();
    const hints: (string | undefined)[] = [];
    const [reader, writer] = [localStorageBackend({ area }), localStorageBackend({ area })];
    reader.subscribe!((key) => hints.push(key));
    await writer.compareAndSet('key', undefined, 'value');
    await writer.compareAndSet('key', 'not this', 'value');
    await vi.waitFor(() => expect(hints).toEqual(['key']));
    await Promise.all([reader.close!(), writer.close!()]);
  });

  test('has a lease that is a Web Lock where those reach other tabs', async () => {
    const backend = localStorageBackend({ area: new FakeStorageArea() });
    const locks = stubLocks();
    const lease = await backend.lease!('key', { signal: new AbortController().signal });
    expect([...locks.held.keys()]).toEqual(['shelflife:local-storage:key']);
    await lease.release();
    expect(locks.held.size).toBe(0);
  });

  test.each([
    ['localStorage', () => localStorageBackend({ area: new FakeStorageArea() })],
    ['sessionStorage', sessionStorageBackend],
  ])(
    'without Web Locks, %s gives leases to one backend object of the page at a time',
    async (_name, make) => {
      const [one, other] = [make(), make()];
      const signal = new AbortController().signal;
      const lease = await one.lease!('key', { signal });
      const granted = vi.fn<() => void>();
      const waiting = other.lease!('key', { signal }).then((next) => {
        granted();
        return next;
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(granted).not.toHaveBeenCalled();
      await lease.release();
      await (await waiting).release();
    },
  );
});

describe('sessionStorageBackend', () => {
  test('keeps records in sessionStorage, for as long as the tab lives', () => {
    const area = new FakeStorageArea();
    vi.stubGlobal('sessionStorage', area);
    const backend = sessionStorageBackend();
    expect(backend.compareAndSet('key', undefined, 'value')).toBe(true);
    expect(area.values.get('key')).toBe('value');
    expect(backend).toMatchObject({ name: 'session-storage', scope: 'context', persistent: false });
  });

  test('hints at what another backend object of the page changed', async () => {
    vi.stubGlobal('sessionStorage', new FakeStorageArea());
    const [reader, writer] = [sessionStorageBackend(), sessionStorageBackend()];
    const hints: (string | undefined)[] = [];
    const end = reader.subscribe!((key) => hints.push(key));
    await writer.compareAndSet('key', undefined, 'value');
    await reader.compareAndSet('key', 'value', 'its own');
    await vi.waitFor(() => expect(hints).toEqual(['key']));
    end();
    await writer.compareAndSet('key', 'its own', undefined);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(hints).toEqual(['key']);
  });
});
