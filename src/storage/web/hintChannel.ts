import { onPageTransition } from './onPageTransition.js';

/** Tells other contexts of this origin, and other backend objects of this page, which keys were changed. */
export interface HintChannel {
  /** Says that a key was changed. Does nothing where the runtime has no `BroadcastChannel`. */
  post(key: string): void;
  /** Calls the listener with each key changed elsewhere. */
  subscribe(listener: (key: string | undefined) => void): () => void;
  /** Releases the channel and forgets the listeners. The next `post` or `subscribe` opens it again. */
  close(): void;
}

/** Hints by `BroadcastChannel`: a message is `{ key }`, and never carries a value. */
export function hintChannel(name: string): HintChannel {
  const listeners = new Set<(key: string | undefined) => void>();
  let channel: BroadcastChannel | undefined;
  let stopWatchingPage: (() => void) | undefined;

  const disconnect = () => {
    channel?.close();
    channel = undefined;
  };

  const connect = (): BroadcastChannel | undefined => {
    if (channel) return channel;
    try {
      channel = new BroadcastChannel(name);
    } catch {
      return undefined; // There is none here, or not for this origin: hints may be missing.
    }
    // An open channel would keep the page out of the back/forward cache.
    stopWatchingPage ??= onPageTransition(disconnect, () => {
      if (listeners.size) connect();
    });
    channel.onmessage = ({ data }: MessageEvent<{ key?: unknown } | null>) => {
      const key = data?.key;
      if (typeof key === 'string') for (const listener of listeners) listener(key);
    };
    // An open channel would keep a Node process alive.
    (channel as { unref?(): void }).unref?.();
    return channel;
  };

  return {
    post: (key) => connect()?.postMessage({ key }),
    subscribe(listener) {
      listeners.add(listener);
      connect();
      return () => listeners.delete(listener);
    },
    close() {
      listeners.clear();
      disconnect();
      stopWatchingPage?.();
      stopWatchingPage = undefined;
    },
  };
}
