import { existsSync, readdirSync, utimesSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type {
  AuthorizationServer,
  AuthorizationServerOptions,
} from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { startAuthorizationServer } from '../../examples/authorization-server/startAuthorizationServer.mjs';
import { type CredentialStore, createCredentialStore, fromTokenResponse } from '../../src/index.js';
import { fileBackend } from '../../src/storage/file.js';
import type { StorageBackend } from '../../src/storage/StorageBackend.js';
import { startStoreProcess, type StoreProcess, type StoreProcessOptions } from './startStoreProcess.js';

/** Whether the long forms are asked for. */
export const isSoak = Boolean(process.env['SOAK']);
export const longTimeout = isSoak ? 3_600_000 : 90_000;
export const processCount = 8;

export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const cleanUps: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A directory of one test, with the stores and processes that work on it; all gone when the test ends. */
export interface Workplace {
  readonly directory: string;
  /** A backend of this process. */
  readonly openBackend: () => StorageBackend;
  /** A store of this process, that never refreshes. */
  readonly openStore: () => CredentialStore;
  readonly start: (options?: Partial<StoreProcessOptions>) => Promise<StoreProcess>;
  readonly startMany: (count: number, options?: Partial<StoreProcessOptions>) => Promise<StoreProcess[]>;
  /** Closes what this process has opened. */
  readonly closeOwn: () => Promise<void>;
}

export async function makeWorkplace(common: Partial<StoreProcessOptions> = {}): Promise<Workplace> {
  const parent = await mkdtemp(join(await realpath(tmpdir()), 'shelflife-processes-'));
  cleanUps.push(() => rm(parent, { recursive: true, force: true }));
  const directory = join(parent, 'credentials');
  const backends: StorageBackend[] = [];
  const stores: CredentialStore[] = [];
  const openBackend = () => {
    const backend = fileBackend({ directory });
    backends.push(backend);
    return backend;
  };
  const closeOwn = async () => {
    await Promise.all(stores.map((store) => store.close()));
    await Promise.all(backends.map((backend) => backend.close?.()));
  };
  cleanUps.push(closeOwn);
  const start = async (options: Partial<StoreProcessOptions> = {}) => {
    const started = await startStoreProcess({ directory, ...common, ...options });
    cleanUps.push(() => {
      started.signal('SIGKILL');
      return started.ended;
    });
    return started;
  };
  return {
    directory,
    openBackend,
    openStore() {
      const store = createCredentialStore({ storage: openBackend() });
      stores.push(store);
      return store;
    },
    start,
    startMany: (count, options) => Promise.all(Array.from({ length: count }, () => start(options))),
    closeOwn,
  };
}

/** A workplace whose processes refresh at a real server, with rotation and reuse detection. */
export async function makeSignedInWorkplace(
  serverOptions: AuthorizationServerOptions = {},
  common: Partial<StoreProcessOptions> = {},
): Promise<Workplace & { readonly server: AuthorizationServer; readonly signIn: () => Promise<Tokens> }> {
  const server = await startAuthorizationServer(serverOptions);
  cleanUps.push(() => server.close());
  const { tokenEndpoint, clientId } = server;
  const workplace = await makeWorkplace({ tokenEndpoint, clientId, ...common });
  const store = workplace.openStore();
  return {
    ...workplace,
    server,
    async signIn() {
      const answer = await server.mintTokens();
      await store.entry().set(fromTokenResponse(answer));
      return { accessToken: answer.access_token, refreshToken: answer.refresh_token };
    },
  };
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What a process met that nobody awaited. */
export const unhandledIn = (processes: readonly StoreProcess[]): unknown[] =>
  processes.flatMap(({ events }) => events.filter(({ event }) => event === 'unhandled'));

/** Writes once from this process, which sweeps, and expects that nothing but values is left once it has closed. */
export async function expectNoLitter({ directory, openBackend, closeOwn }: Workplace): Promise<void> {
  await closeOwn();
  // An id file that was being written says nothing yet, and is left alone while it is new.
  for (const file of litterIn(directory))
    if (file.startsWith('.temporary-')) utimesSync(join(directory, file), 1, 1);
  const backend = openBackend();
  await backend.compareAndSet('sweeping', undefined, 'now');
  await backend.compareAndSet('sweeping', 'now', undefined);
  await backend.close?.();
  expect(litterIn(directory)).toEqual([]);
}

function litterIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).filter((file) => !file.endsWith('.json')) : [];
}
