import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll } from 'vitest';

const binary = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((directory) => join(directory, 'redis-server'))
  .find((path) => existsSync(path));

/** Whether there is a Redis to start: `npm test` installs Debian's, where it can. */
export const hasRedis = binary !== undefined;

/** A `redis-server` of a test's own, on loopback. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  signal(signal: NodeJS.Signals): void;
  /** Ends the process and waits for it. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, with what it has on its disk. */
  restart(): Promise<void>;
  /** Runs one command by a connection of its own. */
  command(...command: readonly string[]): Promise<unknown>;
}

const cleanUps: (() => unknown)[] = [];

afterAll(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** Keeps every acknowledged write, whatever happens to the process. */
export const durable: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always'];

export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const directory = await mkdtemp(join(tmpdir(), 'shelflife-redis-'));
  let child = await launch(port, directory, settings);
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    // One that is stopped could not hear any other signal.
    child.kill(signal);
    child.kill('SIGCONT');
    await ended;
  };
  cleanUps.push(async () => {
    await kill();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => void child.kill(signal),
    kill,
    async restart() {
      await kill();
      child = await launch(port, directory, settings);
    },
    command: (...command) => runCommand(port, command),
  };
}

/** Three masters, with so many replicas each, that share the slots. */
export async function startCluster({ replicas = 0, nodeTimeout = 1000 } = {}): Promise<RedisServer[]> {
  const settings = async (): Promise<string[]> => [
    ...['--cluster-enabled', 'yes', '--cluster-port', String(await freePort())],
    ...['--cluster-node-timeout', String(nodeTimeout), '--cluster-replica-validity-factor', '0'],
    ...durable,
  ];
  const nodes: RedisServer[] = [];
  const busPorts: string[] = [];
  for (let index = 0; index < 3 * (1 + replicas); index += 1) {
    const own = await settings();
    busPorts.push(own[3]!);
    nodes.push(await startRedis(own));
  }
  const masters = nodes.slice(0, 3);
  for (const [index, master] of masters.entries()) {
    const first = Math.floor((16384 * index) / 3);
    const last = Math.floor((16384 * (index + 1)) / 3) - 1;
    await master.command('CLUSTER', 'ADDSLOTSRANGE', String(first), String(last));
    await master.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
  }
  const [first] = masters;
  for (const [index, node] of nodes.entries())
    if (node !== first)
      await first!.command('CLUSTER', 'MEET', '127.0.0.1', String(node.port), busPorts[index]!);
  await until(async () => {
    const reports = await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')));
    return reports.every((report) => String(report).includes(`cluster_known_nodes:${nodes.length}`));
  });
  for (const [index, replica] of nodes.slice(3).entries()) {
    const id = await masters[index % 3]!.command('CLUSTER', 'MYID');
    await replica.command('CLUSTER', 'REPLICATE', String(id));
  }
  await until(async () => {
    const reports = await Promise.all(nodes.map((node) => node.command('CLUSTER', 'INFO')));
    return reports.every((report) => String(report).includes('cluster_state:ok'));
  });
  for (const replica of nodes.slice(3))
    await until(async () =>
      String(await replica.command('INFO', 'replication')).includes('master_link_status:up'),
    );
  return nodes;
}

/** Asks again and again until it is so; a test that waits in vain ends by its timeout. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 25));
}

export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

async function launch(port: number, directory: string, settings: readonly string[]) {
  const fixed = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const child = spawn(binary!, [...fixed, ...settings], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      said += String(data);
      if (said.includes('Ready to accept connections')) resolve();
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server ended:\n${said}`)));
  });
  return child;
}

async function runCommand(port: number, [name = '', ...args]: readonly string[]): Promise<unknown> {
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => null, lazyConnect: true });
  client.on('error', () => {});
  try {
    await client.connect();
    return await client.call(name, args);
  } finally {
    client.disconnect();
  }
}
