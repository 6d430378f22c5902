import { SignalCell } from '../signals/SignalCell.js';
import type { SignalKind } from '../signals/SignalKind.js';
import type { Health } from './Health.js';
import type { StoreState } from './model.js';

function healthOf({ context, storage }: StoreState): Health {
  // A persistent storage is shared with other contexts; without a lease they may refresh at the same time.
  const { name, persistent, lease, degraded = persistent && !lease } = context.backend;
  // A write that waits to be tried again, by whatever store on this backend, is a failure until it succeeds.
  const waiting = [...context.saving].find(({ saving }) => saving?.retry);
  const error = waiting?.saving?.retry?.error ?? storage.error;
  const status = error ? 'failed' : degraded ? 'degraded' : 'ok';
  const why = typeof degraded === 'object' ? degraded : undefined;
  return Object.freeze({ status, persistent, backend: name, error: error ?? why });
}

/** The signal of how the storage of a store is doing. Nothing has to be done to keep it current. */
export function createHealthSignal(store: StoreState): SignalCell<Health, StoreState> {
  const kind: SignalKind<StoreState, Health> = {
    serverValue: healthOf(store),
    evaluate: healthOf,
    validUntil: () => Infinity,
    show: (health) => health,
    host: {
      isClosed: ({ isClosed }) => isClosed,
      // The backend may say otherwise at any time.
      basis: () => undefined,
      now: ({ clock }) => clock.now(),
      observe() {},
      unobserve() {},
      hold: ({ scheduler }) => scheduler.hold(),
      reportListenerError: ({ users }, error) => users.reportListenerError(error),
    },
  };
  return new SignalCell(kind, store);
}

/** How the storage is doing may have changed. */
export function healthChanged({ users, health }: StoreState): void {
  users.whenNoLeaseIsHeld(() => {
    if (health.update()) health.deliver();
  });
}
