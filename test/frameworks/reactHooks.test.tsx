// @vitest-environment happy-dom
import { act, type ReactNode, StrictMode, startTransition, useState } from 'react';
import { createRoot, hydrateRoot, type Root } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useCredentials, useExpiry, useSignal, useTimeLeft } from '../../src/frameworks/react.js';
import { createCredentialStore, memoryBackend } from '../../src/index.js';
import { openSession, type Session, token, UNTIL_EXPIRED, UNTIL_EXPIRING } from './openSession.js';

let container: HTMLElement;
let root: Root;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.spyOn(console, 'error').mockImplementation(() => {});
  container = document.createElement('div');
  root = createRoot(container);
});

afterEach(async () => {
  await act(async () => root.unmount());
  const complaints = vi.mocked(console.error).mock.calls;
  vi.restoreAllMocks();
  expect(complaints).toEqual([]);
});

function Status({ session: { entry } }: { readonly session: Session }): ReactNode {
  const { status } = useExpiry(entry);
  const credentials = useCredentials(entry);
  const seconds = useTimeLeft(entry, { every: 60_000 });
  return `${status} ${credentials ? 'in' : 'out'} ${String(seconds)}`;
}

test('the hooks have the value at the first render and follow it', async () => {
  const session = await openSession();
  await act(async () => root.render(<Status session={session} />));
  expect(container.textContent).toBe('fresh in 3600');
  await act(() => session.clock.advance(UNTIL_EXPIRING));
  expect(container.textContent).toBe('expiring in 60');
  await act(() => session.clock.advance(UNTIL_EXPIRED));
  expect(container.textContent).toBe('expired in 0');
  await act(async () => root.render(null));
  expect(session.armed()).toBe(0);
});

test('StrictMode, and a tree that is made anew as a hot reload does, leave nothing behind', async () => {
  const session = await openSession();
  for (const generation of [1, 2, 3]) {
    await act(async () =>
      root.render(
        <StrictMode>
          <Status key={generation} session={session} />
        </StrictMode>,
      ),
    );
    expect(container.textContent).toBe('fresh in 3600');
    expect(session.armed()).toBe(1);
  }
  await act(async () => root.render(null));
  expect(session.armed()).toBe(0);
});

test('an expiry in the middle of a concurrent transition tears nothing', async () => {
  const session = await openSession();
  const shown = new Set<string>();
  let show!: (count: number) => void;
  function Slow(): ReactNode {
    const { status } = useExpiry(session.entry);
    const until = performance.now() + 2;
    while (performance.now() < until);
    return `${status} `;
  }
  function Many(): ReactNode {
    const [count, setCount] = useState(1);
    show = setCount;
    return Array.from({ length: count }, (_, index) => <Slow key={index} />);
  }
  const observer = new MutationObserver(() => shown.add(container.textContent));
  await act(async () => root.render(<Many />));
  observer.observe(container, { childList: true, characterData: true, subtree: true });
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', false);
  startTransition(() => show(50));
  // React yields every 5 ms, so the transition is half way through when the token turns.
  await new Promise((resolve) => setTimeout(resolve, 20));
  await session.clock.advance(UNTIL_EXPIRING);
  await vi.waitFor(() => expect(container.textContent).toBe('expiring '.repeat(50)), { timeout: 5000 });
  observer.disconnect();
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  for (const text of shown) expect(new Set(text.trim().split(' ')).size).toBe(1);
});

test('1,000 reads of the snapshot across the boundary cause no more than two renders a transition', async () => {
  const session = await openSession();
  let renders = 0;
  function Counted(): ReactNode {
    renders += 1;
    return useExpiry(session.entry).status;
  }
  await act(async () => root.render(<Counted />));
  for (const [step, status] of [
    [UNTIL_EXPIRING, 'expiring'],
    [UNTIL_EXPIRED, 'expired'],
  ] as const) {
    renders = 0;
    await act(async () => {
      for (let read = 0; read < 500; read += 1) session.entry.expiry.getSnapshot();
      await session.clock.advance(step);
      for (let read = 0; read < 500; read += 1) session.entry.expiry.getSnapshot();
    });
    expect(container.textContent).toBe(status);
    expect(renders).toBeLessThanOrEqual(2);
  }
});

test('a page takes over what a server rendered without a mismatch', async () => {
  const session = await openSession();
  const page = document.createElement('div');
  page.innerHTML = renderToString(<Status session={session} />);
  expect(page.textContent).toBe('loading out null');
  expect(page.innerHTML).not.toContain(token);
  const recovered = vi.fn<(error: unknown) => void>();
  const hydrated = await act(async () =>
    hydrateRoot(page, <Status session={session} />, { onRecoverableError: recovered }),
  );
  expect(recovered).not.toHaveBeenCalled();
  expect(page.textContent).toBe('fresh in 3600');
  await act(async () => hydrated.unmount());
  expect(session.armed()).toBe(0);
});

test('a store made again at each render shows the same, asks the server once, and settles', async () => {
  const storage = memoryBackend();
  const refresh = vi.fn(async () => ({ access_token: 'new', expires_in: 3600 }));
  await createCredentialStore({ storage }).entry().set({ access_token: token, refresh_token: 'r' });
  let renders = 0;
  function Careless(): ReactNode {
    renders += 1;
    const { entry } = createCredentialStore({ storage, refresh });
    return `${useExpiry(entry()).status} ${useCredentials(entry())?.access_token}`;
  }
  await act(async () => root.render(<Careless />));
  await act(() => vi.waitFor(() => expect(container.textContent).toBe('fresh new')));
  expect(refresh).toHaveBeenCalledTimes(1);
  expect(renders).toBeLessThan(10);
});

test('outside of a component, a hook says where it belongs', async () => {
  const { entry } = await openSession();
  expect(() => useSignal(entry.expiry)).toThrow(
    /^useSignal\(\) was called outside of a component\. Call it at the top of a function component/,
  );
  expect(() => useTimeLeft(entry)).toThrow(/^useTimeLeft\(\)/);
  // React itself complains of an invalid hook call first.
  vi.mocked(console.error).mockClear();
});
