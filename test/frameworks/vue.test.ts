// @vitest-environment happy-dom
import { createSSRApp, defineComponent, effectScope, h, nextTick, createApp, ref, type Ref } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useCredentials, useExpiry, useSignal, useTimeLeft } from '../../src/frameworks/vue.js';
import { createCredentialStore, memoryBackend } from '../../src/index.js';
import { openSession, type Session, token, UNTIL_EXPIRED, UNTIL_EXPIRING } from './openSession.js';

let complaints: unknown[][];

beforeEach(() => {
  complaints = [];
  for (const level of ['warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((...said) => complaints.push(said));
});

afterEach(() => {
  vi.restoreAllMocks();
  expect(complaints).toEqual([]);
});

const statusOf = ({ entry }: Session) =>
  defineComponent(() => {
    const expiry = useExpiry(entry);
    const credentials = useCredentials(entry);
    const seconds = useTimeLeft(entry);
    return () =>
      h('p', `${expiry.value.status} ${credentials.value ? 'in' : 'out'} ${String(seconds.value)}`);
  });

function mount(session: Session): { text(): string; unmount(): void } {
  const container = document.createElement('div');
  const app = createApp(statusOf(session));
  app.mount(container);
  return { text: () => container.textContent, unmount: () => app.unmount() };
}

test('a component has the value at its first render and at each transition, and releases it', async () => {
  const session = await openSession();
  const mounted = mount(session);
  expect(mounted.text()).toBe('fresh in 3600');
  await session.clock.advance(UNTIL_EXPIRING);
  await nextTick();
  expect(mounted.text()).toBe('expiring in 60');
  await session.clock.advance(UNTIL_EXPIRED);
  await nextTick();
  expect(mounted.text()).toBe('expired in 0');
  mounted.unmount();
  expect(session.armed()).toBe(0);
});

test('components of one entry share one timer', async () => {
  const session = await openSession();
  const mounted = [1, 2, 3].map(() => mount(session));
  expect(session.armed()).toBe(1);
  for (const each of mounted) each.unmount();
  expect(session.armed()).toBe(0);
});

test('an effect scope outside of components releases what it observes', async () => {
  const session = await openSession();
  const scope = effectScope();
  const status = scope.run(() => useExpiry(session.entry))!;
  await session.clock.advance(UNTIL_EXPIRING);
  expect(status.value.status).toBe('expiring');
  scope.stop();
  expect(session.armed()).toBe(0);
  expect(() => ((status as Ref).value = undefined)).not.toThrow();
  expect(complaints.splice(0)).toHaveLength(1);
  expect(status.value.status).toBe('expiring');
});

test('a component that is made again for another entry lets go of the first', async () => {
  const [first, second] = [await openSession(), await openSession()];
  const shown = ref(first);
  const container = document.createElement('div');
  const app = createApp(() => h(statusOf(shown.value)));
  app.mount(container);
  await second.clock.advance(UNTIL_EXPIRING);
  shown.value = second;
  await nextTick();
  expect(container.textContent).toBe('expiring in 60');
  expect([first.armed(), second.armed()]).toEqual([0, 1]);
  app.unmount();
  expect(second.armed()).toBe(0);
});

test('a store made again in each setup shows the same, and leaves no timer', async () => {
  const storage = memoryBackend();
  await createCredentialStore({ storage })
    .entry()
    .set({ access_token: token, issued_at: new Date(), expires_in: 3600 });
  const component = defineComponent(() => {
    const expiry = useExpiry(createCredentialStore({ storage }).entry());
    return () => expiry.value.status;
  });
  const round = ref(0);
  const container = document.createElement('div');
  const app = createApp(() => h(component, { key: round.value }));
  app.mount(container);
  for (round.value = 1; round.value < 20; round.value += 1) await nextTick();
  expect(container.textContent).toBe('fresh');
  app.unmount();
});

test('a server renders that it is loading, never a token, and observes nothing', async () => {
  const session = await openSession();
  const html = await renderToString(createSSRApp(statusOf(session)));
  expect(html).toBe('<p>loading out null</p>');
  expect(session.armed()).toBe(0);
});

test('a page takes over what a server rendered without a mismatch', async () => {
  const session = await openSession();
  const container = document.createElement('div');
  container.innerHTML = await renderToString(createSSRApp(statusOf(session)));
  const rendered = container.firstChild;
  const app = createSSRApp(statusOf(session));
  app.mount(container);
  await nextTick();
  expect(container.firstChild).toBe(rendered);
  expect(container.textContent).toBe('fresh in 3600');
  app.unmount();
  expect(session.armed()).toBe(0);
});

test('outside of a scope, nothing would release it, so the hook says where it belongs', async () => {
  const { entry } = await openSession();
  expect(() => useSignal(entry.expiry)).toThrow(
    /^useSignal\(\) was called outside of an effect scope\. Call it in setup\(\)/,
  );
  expect(() => useTimeLeft(entry)).toThrow(/^useTimeLeft\(\)/);
});
