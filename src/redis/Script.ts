import { createHash } from 'node:crypto';
import type { Connection, Reply } from './Connection.js';

/** A Lua script that the server keeps. It is sent whole only where the server does not know it (any more). */
export class Script {
  readonly #source: string;
  #digest: string | undefined;

  constructor(source: string) {
    this.#source = source;
  }

  /** @param keys all of one slot. */
  async run(
    connection: Connection,
    keys: readonly [string, ...string[]],
    args: readonly string[],
  ): Promise<Reply> {
    this.#digest ??= createHash('sha1').update(this.#source).digest('hex');
    const parameters = [String(keys.length), ...keys, ...args];
    try {
      return await connection.send(keys[0], ['EVALSHA', this.#digest, ...parameters]);
    } catch (error) {
      if (!/^NOSCRIPT\b/.test((error as Error).message)) throw error;
      return connection.send(keys[0], ['EVAL', this.#source, ...parameters]);
    }
  }
}
