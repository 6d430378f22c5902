import { describe, expect, test } from 'vitest';
import { memoryBackend } from '../../src/storage/memory.js';
import { testBackend } from '../../src/testing/index.js';

testBackend({ name: 'memory', create: memoryBackend, test });

describe('memoryBackend', () => {
  test('answers at once, so that a store has a value in its first frame', () => {
    const backend = memoryBackend();
    expect(backend.compareAndSet('key', undefined, 'value')).toBe(true);
    expect(backend.get('key')).toBe('value');
    expect(backend.keys('')).toEqual(['key']);
  });

  test('shares nothing with another backend object', () => {
    void memoryBackend().compareAndSet('key', undefined, 'value');
    expect(memoryBackend().get('key')).toBeUndefined();
  });

  test('grants its lease in the order it was asked for', async () => {
    const { signal } = new AbortController();
    const order: number[] = [];
    const backend = memoryBackend();
    const first = await backend.lease!('key', { signal });
    const others = [1, 2, 3].map(async (number) => {
      const lease = await backend.lease!('key', { signal });
      order.push(number);
      await lease.release();
    });
    await first.release();
    await Promise.all(others);
    expect(order).toEqual([1, 2, 3]);
  });

  test('passes over a waiter that gave up, and tells it with a retryable TimeoutError', async () => {
    const backend = memoryBackend();
    const { signal } = new AbortController();
    const impatient = new AbortController();
    const first = await backend.lease!('key', { signal });
    const second = backend.lease!('key', { signal: impatient.signal });
    const third = backend.lease!('key', { signal });
    impatient.abort();
    await expect(second).rejects.toMatchObject({ name: 'TimeoutError', retryable: true, backend: 'memory' });
    await first.release();
    await (await third).release();
  });

  test('refuses at once a waiter whose signal was aborted before', async () => {
    const backend = memoryBackend();
    await expect(backend.lease!('key', { signal: AbortSignal.abort() })).rejects.toThrow('Try again');
    await backend.lease!('key', { signal: new AbortController().signal });
  });

  test('leaves the lease alone when the signal is aborted after the grant', async () => {
    const backend = memoryBackend();
    const waiting = new AbortController();
    const lease = await backend.lease!('key', { signal: waiting.signal });
    waiting.abort();
    expect(lease.signal.aborted).toBe(false);
    let granted = false;
    const next = backend.lease!('key', { signal: new AbortController().signal }).then(() => (granted = true));
    await new Promise((resolve) => setTimeout(resolve));
    expect(granted).toBe(false);
    await lease.release();
    await next;
  });
});
