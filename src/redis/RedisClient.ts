/** A client of the package `redis` (node-redis 5 and 6), as `createClient` makes it. */
export interface NodeRedisClient {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  sendCommand(args: string[]): Promise<unknown>;
  duplicate(): unknown;
}

/** A client of the package `redis` for a cluster, as `createCluster` makes it. */
export interface NodeRedisCluster {
  readonly isOpen: boolean;
  readonly masters: readonly object[];
  sendCommand(firstKey: string | undefined, isReadonly: boolean, args: string[]): Promise<unknown>;
  nodeClient(node: never): unknown;
}

/** A client of the package `ioredis` 5, `Redis` or `Cluster`, with sentinels or without. */
export interface IoRedisClient {
  readonly status: string;
  connect(): Promise<unknown>;
  call(command: string, args: string[]): Promise<unknown>;
  duplicate(): unknown;
}

/** A client that `redisBackend` works with. It is made, connected and closed by its user. */
export type RedisClient = NodeRedisClient | NodeRedisCluster | IoRedisClient;
