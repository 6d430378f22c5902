import { randomUUID } from 'node:crypto';
import type { Lease, StorageBackend } from '../storage/StorageBackend.js';
import { compareAndSet } from './compareAndSet.js';
import { type Connection, textOf } from './Connection.js';
import { Hints } from './Hints.js';
import { Leases } from './Leases.js';
import { BACKEND, redisFailure } from './redisFailure.js';
import { RedisKeys } from './RedisKeys.js';
import { requireVersion } from './requireVersion.js';
import { scanKeys } from './scanKeys.js';
import { whenReady } from './whenReady.js';

/** Values in a Redis server or cluster, shared by the processes of many machines. */
export class RedisBackend implements StorageBackend {
  readonly name = BACKEND;
  readonly scope = 'cluster';
  readonly persistent = true;
  readonly #connection: Connection;
  readonly #keys: RedisKeys;
  readonly #leases: Leases;
  readonly #hints: Hints;
  #version: Promise<void> | undefined;

  constructor(connection: Connection, prefix: string, leaseDuration: number) {
    this.#connection = connection;
    this.#keys = new RedisKeys(prefix);
    this.#leases = new Leases(connection, this.#keys, leaseDuration);
    this.#hints = new Hints(connection, this.#keys.channel, randomUUID());
  }

  get(key: string): Promise<string | undefined> {
    return this.#leases.read(key, () =>
      this.#attempt('read a credential', async () => {
        const name = this.#keys.value(key);
        const value = await this.#connection.send(name, ['GET', name]);
        return value === null ? undefined : textOf(value);
      }),
    );
  }

  compareAndSet(key: string, expected: string | undefined, next: string | undefined): Promise<boolean> {
    const names = [this.#keys.value(key), this.#keys.quarantine(key)] as const;
    const news = { channel: this.#keys.channel, message: this.#hints.message(key) };
    return this.#leases.write(key, () =>
      this.#attempt('write a credential', () =>
        compareAndSet(this.#connection, names, { expected, next }, news),
      ),
    );
  }

  async *keys(prefix: string): AsyncGenerator<string> {
    await this.#attempt('list the credentials', async () => {});
    try {
      yield* scanKeys(this.#connection, this.#keys, prefix);
    } catch (error) {
      throw redisFailure(error, 'list the credentials');
    }
  }

  quarantine(key: string): Promise<void> {
    return this.#attempt('set a damaged credential aside', async () => {
      const name = this.#keys.value(key);
      await this.#connection.send(name, ['COPY', name, this.#keys.quarantine(key), 'REPLACE']);
    });
  }

  lease(key: string, { signal }: { signal: AbortSignal }): Promise<Lease> {
    return this.#attempt('take the lease to refresh a credential', () => this.#leases.acquire(key, signal));
  }

  subscribe(listener: (key: string | undefined) => void): () => void {
    return this.#hints.subscribe(listener);
  }

  async close(): Promise<void> {
    this.#hints.close();
    await this.#leases.close();
  }

  async #attempt<T>(action: string, run: () => Promise<T>): Promise<T> {
    try {
      if (!this.#connection.isReady) await whenReady(this.#connection);
      this.#version ??= requireVersion(this.#connection).catch((error: unknown) => {
        this.#version = undefined;
        throw error;
      });
      await this.#version;
      return await run();
    } catch (error) {
      throw redisFailure(error, action);
    }
  }
}
