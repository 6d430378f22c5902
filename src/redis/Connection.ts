/** What a server answers; texts come as bytes where the user told the client so. */
export type Reply = string | Uint8Array | number | null | readonly Reply[] | undefined;

/** The text in an answer that is one. */
export function textOf(reply: Reply): string {
  return reply instanceof Uint8Array ? new TextDecoder().decode(reply) : (reply as string);
}

/** What the backend needs of a client, whichever package it is of. */
export interface Connection {
  /** Whether commands are sent at once. */
  readonly isReady: boolean;
  /** Whether it stays as it is until its user connects it. */
  readonly isClosed: boolean;
  /** Sends a command to the server that is responsible for the key; without a key to any. */
  send(key: string | undefined, command: readonly string[]): Promise<Reply>;
  /** Each server that holds keys of its own: a function that sends it a command. */
  primaries(): Promise<readonly Send[]>;
  /** What stands before every key on its way to the server, and is not taken off again. */
  readonly keyPrefix: string;
  /** Connects once more, to hear what is published on a channel. */
  openSubscriber(channel: string, hear: (message: string) => void): Promise<Subscriber>;
}

/** Sends a command to one server. */
export type Send = (command: readonly string[]) => Promise<Reply>;

/** A connection of its own that hears a channel. It does not keep the process alive, nor connect again. */
export interface Subscriber {
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  ping(): Promise<unknown>;
  close(): void;
}
