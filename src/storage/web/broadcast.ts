import { onPageTransition } from './onPageTransition.js';

/** A `BroadcastChannel` that is there when it is needed. */
export interface Broadcast {
  /** Opens it, to hear what others send. */
  open(): void;
  /** Sends a message. Does nothing where the runtime has no `BroadcastChannel`. */
  post(message: object): void;
  /** Releases it. The next `open` or `post` opens it again. */
  close(): void;
}

/** `isNeeded`: whether to open it again when the page comes back. */
export function broadcast(
  name: string,
  onMessage: (message: Readonly<Record<string, unknown>>) => void,
  isNeeded: () => boolean,
): Broadcast {
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
      return undefined; // There is none here, or not for this origin: messages may be missing.
    }
    // An open channel would keep the page out of the back/forward cache.
    stopWatchingPage ??= onPageTransition(disconnect, () => {
      if (isNeeded()) connect();
    });
    channel.onmessage = ({ data }: MessageEvent<Readonly<Record<string, unknown>> | null>) => {
      if (data) onMessage(data);
    };
    // An open channel would keep a Node process alive.
    (channel as { unref?(): void }).unref?.();
    return channel;
  };

  return {
    open: () => void connect(),
    post: (message) => connect()?.postMessage(message),
    close() {
      disconnect();
      stopWatchingPage?.();
      stopWatchingPage = undefined;
    },
  };
}
