import { broadcast } from './broadcast.js';
import { pageRegistry } from './pageRegistry.js';

/** Whether other tabs use the same storage, as far as that can be told. */
export interface OtherTabs {
  /** Whether there has been one since this page was opened. */
  readonly wereSeen: boolean;
  /** Asks whether somebody is there, once, and answers others from now on. */
  lookOut(): void;
  /** There is one: it changed something. */
  sighted(): unknown;
  close(): void;
}

/** Calls for other tabs by `BroadcastChannel`: a message is `{ page, isCall }`. `onSight` is told of the first that answers. */
export function otherTabs(name: string, onSight: () => void): OtherTabs {
  let wereSeen = false;
  let isLookingOut = false;

  const channel = broadcast(
    name,
    (message) => {
      const { page } = pageRegistry();
      if (typeof message['page'] !== 'string' || message['page'] === page) return;
      if (message['isCall']) channel.post({ page, isCall: false });
      if (wereSeen) return;
      wereSeen = true;
      onSight();
    },
    () => isLookingOut,
  );

  return {
    get wereSeen() {
      return wereSeen;
    },
    lookOut() {
      if (isLookingOut) return;
      isLookingOut = true;
      channel.post({ page: pageRegistry().page, isCall: true });
    },
    sighted: () => (wereSeen = true),
    close() {
      isLookingOut = false;
      channel.close();
    },
  };
}
