import type { Connection, Reply, Send, Subscriber } from './Connection.js';
import { pickOne } from './pickOne.js';
import type { IoRedisClient } from './RedisClient.js';

/** What is used of a client that has been duplicated. */
interface Duplicate {
  readonly stream?: { unref?(): unknown };
  connect(): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'error' | 'end' | 'connect', listener: () => void): unknown;
  disconnect(): void;
}

interface Node extends IoRedisClient {
  readonly options?: { readonly keyPrefix?: string };
  duplicate(overrides?: object): Duplicate;
  /** In a client for a cluster only. */
  nodes?(role: 'master'): Node[];
}

const waitsForCommand = 'wait';

/** Works on a client of the package `ioredis`, for a cluster too. */
export function ioRedisConnection(given: IoRedisClient): Connection {
  const client = given as Node;
  const send = sendBy(client);
  const nodes = (): Node[] => client.nodes?.('master') ?? [client];

  return {
    get isReady() {
      // Made with `lazyConnect`, it connects when it is first used; what it says of a failure, it says by an event.
      if (client.status === waitsForCommand) client.connect().catch(() => {});
      return client.status === 'ready';
    },
    get isClosed() {
      return client.status === 'end';
    },
    send: (_key, command) => send(command),
    primaries: async () => nodes().map(sendBy),
    keyPrefix: client.options?.keyPrefix ?? '',
    async openSubscriber(channel, hear) {
      // Every node of a cluster tells what is published on any.
      const candidates = client.nodes ? nodes().filter(({ status }) => status === 'ready') : nodes();
      const node = pickOne(candidates);
      if (!node) throw new Error('No node of the cluster can be reached.');
      return openSubscriber(node, channel, hear);
    },
  };
}

function sendBy(client: IoRedisClient): Send {
  return ([name = '', ...args]) => client.call(name, args) as Promise<Reply>;
}

async function openSubscriber(
  client: Node,
  channel: string,
  hear: (message: string) => void,
): Promise<Subscriber> {
  const subscriber = client.duplicate({
    lazyConnect: true,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
    autoResubscribe: false,
    // Channels would get it too, and the script that publishes does not know it.
    keyPrefix: '',
  });
  const ended = new Promise<void>((resolve) => {
    subscriber.on('end', resolve);
  });
  subscriber.on('error', () => {});
  subscriber.on('connect', () => subscriber.stream?.unref?.());
  subscriber.on('message', (_channel, message) => hear(message));
  const close = (): void => subscriber.disconnect();
  try {
    await subscriber.connect();
    await subscriber.subscribe(channel);
  } catch (error) {
    close();
    throw error;
  }
  return { ended, ping: () => subscriber.ping(), close };
}
