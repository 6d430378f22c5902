import { describe, expect, test, vi } from 'vitest';
import { webLockLease } from '../../../src/storage/web/webLockLease.js';
import { stubLocks } from './fakeLocks.js';

const patient = () => ({ signal: new AbortController().signal });

describe('webLockLease', () => {
  test('is absent where the page is not secure, where there are no locks, and where locks end at the process', () => {
    const lease = webLockLease('space', 'backend');
    stubLocks({ secure: false });
    expect(lease()).toBeUndefined();
    stubLocks({ secure: undefined }); // Node 24, Deno
    expect(lease()).toBeUndefined();
    vi.stubGlobal('isSecureContext', true);
    vi.stubGlobal('navigator', {});
    expect(lease()).toBeUndefined();
    vi.stubGlobal('navigator', undefined);
    expect(lease()).toBeUndefined();
    stubLocks();
    expect(lease()).toBeTypeOf('function');
  });

  test('locks by space and key', async () => {
    const locks = stubLocks();
    const lease = await webLockLease('space', 'backend')()!('key', patient());
    expect(locks.requested).toEqual(['shelflife:space:key']);
    await lease.release();
  });

  test('has given the lock back when release() resolves, also the second time', async () => {
    const locks = stubLocks();
    const lease = await webLockLease('space', 'backend')()!('key', patient());
    expect(locks.held.size).toBe(1);
    await lease.release();
    expect(locks.held.size).toBe(0);
    await lease.release();
    expect(lease.signal.aborted).toBe(false);
  });

  test('tells a waiter that gave up with a retryable TimeoutError, and keeps no lock for it', async () => {
    const locks = stubLocks();
    const request = webLockLease('space', 'backend')()!;
    const first = await request('key', patient());
    const impatient = new AbortController();
    const second = request('key', impatient);
    impatient.abort(new Error('enough'));
    await expect(second).rejects.toMatchObject({ name: 'TimeoutError', retryable: true, backend: 'backend' });
    await first.release();
    expect(locks.held.size).toBe(0);
    expect(webLockLease('space', 'backend')()).toBeDefined();
  });

  test('leaks no lock when the abort races with the grant', async () => {
    const locks = stubLocks();
    const request = webLockLease('space', 'backend')()!;
    const first = await request('key', patient());
    const impatient = new AbortController();
    const second = request('key', impatient);
    await first.release(); // The grant to the second is under way now,
    impatient.abort(); // too late for the browser to take it back.
    await expect(second).rejects.toThrow('Try again');
    await vi.waitFor(() => expect(locks.held.size).toBe(0));
    await (await request('key', patient())).release();
  });

  test('aborts the signal of the lease when its lock is stolen, and goes on granting', async () => {
    const locks = stubLocks();
    const available = webLockLease('space', 'backend');
    const lease = await available()!('key', patient());
    locks.held.get('shelflife:space:key')!.lose();
    await vi.waitFor(() => expect(lease.signal.aborted).toBe(true));
    await lease.release();
    expect(available()).toBeDefined();
  });

  test.each(['SecurityError', 'InvalidStateError'])(
    'grants an empty lease where the browser refuses with %s, and is absent from then on',
    async (name) => {
      const locks = stubLocks();
      locks.refusal = new DOMException('Access to the Locks API is denied in this context.', name);
      const available = webLockLease('space', 'backend');
      const lease = await available()!('key', patient());
      await lease.release();
      expect(lease.signal.aborted).toBe(false);
      expect(available()).toBeUndefined();
    },
  );
});
