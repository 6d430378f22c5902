// @vitest-environment happy-dom
import { act, type ReactNode, StrictMode, useEffect, useSyncExternalStore } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CredentialEntry, Signal } from '../../src/index.js';
import { anHour, openSession, passAnHour, token } from './openSession.js';

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.spyOn(console, 'error').mockImplementation(() => {});
});

afterEach(() => {
  const complaints = vi.mocked(console.error).mock.calls;
  vi.restoreAllMocks();
  expect(complaints).toEqual([]);
});

function useSignal<T>(signal: Signal<T>): T {
  return useSyncExternalStore(signal.subscribe, signal.getSnapshot, signal.getServerSnapshot);
}

interface Observed {
  readonly entry: CredentialEntry;
  readonly seen?: (text: string) => void;
}

function Status({ entry, seen }: Observed): ReactNode {
  const { status } = useSignal(entry.expiry);
  const credentials = useSignal(entry.credentials);
  useEffect(() => {
    seen?.(status);
  }, [seen, status]);
  return `${status} ${credentials ? 'signed in' : 'signed out'}`;
}

function TimeLeft({ entry, seen }: Observed): ReactNode {
  const seconds = useSignal(entry.timeLeft());
  seen?.(String(seconds));
  return seconds;
}

test('useSyncExternalStore shows the value at the first render and each transition once', async () => {
  const session = await openSession();
  const container = document.createElement('div');
  const root = createRoot(container);
  const seen: string[] = [];
  await act(async () => root.render(<Status entry={session.entry} seen={(status) => seen.push(status)} />));
  expect(container.textContent).toBe('fresh signed in');
  await act(() => passAnHour(session));
  expect(container.textContent).toBe('expired signed in');
  expect(seen).toEqual(anHour);
  await act(async () => root.unmount());
  expect(session.armed()).toBe(0);
});

test('StrictMode, which subscribes twice, changes nothing', async () => {
  const session = await openSession();
  const container = document.createElement('div');
  const root = createRoot(container);
  const texts: string[] = [];
  await act(async () =>
    root.render(
      <StrictMode>
        <Status entry={session.entry} />
      </StrictMode>,
    ),
  );
  texts.push(container.textContent);
  await act(() => session.clock.advance(3_540_000));
  texts.push(container.textContent);
  await act(() => session.entry.delete());
  texts.push(container.textContent);
  expect(texts).toEqual(['fresh signed in', 'expiring signed in', 'absent signed out']);
  await act(async () => root.unmount());
  expect(session.armed()).toBe(0);
});

test('several components of one entry share one timer and release it with the last', async () => {
  const session = await openSession();
  const container = document.createElement('div');
  const root = createRoot(container);
  await act(async () => root.render([1, 2, 3].map((key) => <Status key={key} entry={session.entry} />)));
  expect(session.armed()).toBe(1);
  await act(async () => root.render([<Status key={1} entry={session.entry} />]));
  expect(session.armed()).toBe(1);
  await act(async () => root.render([]));
  expect(session.armed()).toBe(0);
  await act(async () => root.unmount());
});

test('the time left is rendered once a second', async () => {
  const session = await openSession();
  const container = document.createElement('div');
  const root = createRoot(container);
  const seen: string[] = [];
  await act(async () =>
    root.render(<TimeLeft entry={session.entry} seen={(seconds) => seen.push(seconds)} />),
  );
  await act(() => session.clock.advance(1000));
  await act(() => session.clock.advance(1000));
  expect(container.textContent).toBe('3598');
  expect(seen.filter((seconds, index) => seconds !== seen[index - 1])).toEqual(['3600', '3599', '3598']);
  expect(seen.length).toBeLessThan(8);
  await act(async () => root.unmount());
  expect(session.armed()).toBe(0);
});

test('a server renders that it is loading, and never a token', async () => {
  const session = await openSession();
  const html = renderToString(<Status entry={session.entry} />);
  expect(html).toBe('loading signed out');
  expect(html).not.toContain(token);
  expect(renderToString(<TimeLeft entry={session.entry} />)).toBe('');
  expect(session.armed()).toBe(0);
});

test('a page takes over what a server rendered without a mismatch', async () => {
  const session = await openSession();
  const container = document.createElement('div');
  container.innerHTML = renderToString(<Status entry={session.entry} />);
  const recovered = vi.fn<(error: unknown) => void>();
  const root = await act(async () =>
    hydrateRoot(container, <Status entry={session.entry} />, { onRecoverableError: recovered }),
  );
  expect(recovered).not.toHaveBeenCalled();
  expect(container.textContent).toBe('fresh signed in');
  await act(async () => root.unmount());
  expect(session.armed()).toBe(0);
});
