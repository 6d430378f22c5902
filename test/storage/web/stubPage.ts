import { vi } from 'vitest';

/** Gives the runtime the events of a page, and counts who listens. */
export function stubPage(): { dispatch(type: string, members?: object): void; readonly listeners: number } {
  const target = new EventTarget();
  const listening: AbortSignal[] = [];
  vi.stubGlobal(
    'addEventListener',
    (type: string, listener: EventListener, options: { readonly signal: AbortSignal }) => {
      listening.push(options.signal);
      target.addEventListener(type, listener, options);
    },
  );
  return {
    dispatch: (type, members = {}) => void target.dispatchEvent(Object.assign(new Event(type), members)),
    get listeners() {
      return listening.filter((signal) => !signal.aborted).length;
    },
  };
}
