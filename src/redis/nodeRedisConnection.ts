import type { Connection, Reply, Send, Subscriber } from './Connection.js';
import { pickOne } from './pickOne.js';
import type { NodeRedisClient, NodeRedisCluster } from './RedisClient.js';

/** What is used of a client that has been duplicated. */
interface Duplicate {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  ping(): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  unref(): void;
  destroy(): void;
}

interface Node extends NodeRedisClient {
  readonly options?: { readonly socket?: object };
  duplicate(overrides?: object): Duplicate;
}

/** Works on a client of the package `redis`. */
export function nodeRedisConnection(client: NodeRedisClient): Connection {
  const send = sendBy(client);
  return {
    get isReady() {
      return client.isReady;
    },
    get isClosed() {
      return !client.isOpen;
    },
    send: (_key, command) => send(command),
    primaries: async () => [send],
    keyPrefix: '',
    openSubscriber: (channel, hear) => openSubscriber(client as Node, channel, hear),
  };
}

/** Works on a client of the package `redis` for a cluster. */
export function nodeRedisClusterConnection(client: NodeRedisCluster): Connection {
  const connect = async (master: object): Promise<Node> => (await client.nodeClient(master as never)) as Node;
  return {
    get isReady() {
      return client.isOpen && client.masters.length > 0;
    },
    get isClosed() {
      return !client.isOpen;
    },
    send: (key, command) => client.sendCommand(key, false, [...command]) as Promise<Reply>,
    async primaries() {
      const nodes = await Promise.all(client.masters.map(connect));
      return nodes.map(sendBy);
    },
    keyPrefix: '',
    async openSubscriber(channel, hear) {
      // Every node of a cluster tells what is published on any. One that is down is not to be waited for.
      const masters = client.masters as readonly { readonly client?: Node }[];
      const ready = masters.filter((master) => master.client?.isReady);
      const master = pickOne(ready.length > 0 ? ready : masters);
      if (!master) throw new Error('The cluster has no nodes.');
      return openSubscriber(await connect(master), channel, hear);
    },
  };
}

function sendBy(client: NodeRedisClient): Send {
  return (command) => client.sendCommand([...command]) as Promise<Reply>;
}

async function openSubscriber(
  client: Node,
  channel: string,
  hear: (message: string) => void,
): Promise<Subscriber> {
  const subscriber = client.duplicate({ socket: { ...client.options?.socket, reconnectStrategy: false } });
  const ended = new Promise<void>((resolve) => {
    // With this strategy the first error is the last.
    subscriber.on('error', resolve);
    subscriber.on('end', resolve);
  });
  subscriber.unref();
  const close = (): void => {
    try {
      subscriber.destroy();
    } catch {
      // It has ended already.
    }
  };
  try {
    await subscriber.connect();
    await subscriber.subscribe(channel, (message) => hear(message));
  } catch (error) {
    close();
    throw error;
  }
  return { ended, ping: () => subscriber.ping(), close };
}
