import { execFileSync } from 'node:child_process';
import { buildSync } from 'esbuild';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type HintChannel, hintChannel } from '../../../src/storage/web/hintChannel.js';
import { stubPage } from './stubPage.js';

let number = 0;
const opened: HintChannel[] = [];
const open = (name = `test ${number}`): HintChannel => {
  const channel = hintChannel(name);
  opened.push(channel);
  return channel;
};

afterEach(() => {
  for (const channel of opened.splice(0)) channel.close();
  number += 1;
});

describe('hintChannel', () => {
  test('tells other channels of the same name which key was changed', async () => {
    const listener = vi.fn<(key: string | undefined) => void>();
    const elsewhere = vi.fn<(key: string | undefined) => void>();
    open().subscribe(listener);
    open('another').subscribe(elsewhere);
    open().post('key');
    await vi.waitFor(() => expect(listener.mock.calls).toEqual([['key']]));
    expect(elsewhere).not.toHaveBeenCalled();
  });

  test('is silent after the subscription ends', async () => {
    const ended = vi.fn<() => void>();
    const witness = vi.fn<() => void>();
    const channel = open();
    const end = channel.subscribe(ended);
    channel.subscribe(witness);
    end();
    open().post('key');
    await vi.waitFor(() => expect(witness).toHaveBeenCalled());
    expect(ended).not.toHaveBeenCalled();
  });

  test.each([null, 'key', 7, {}, { key: 7 }])('ignores the message %j of somebody else', async (message) => {
    const listener = vi.fn<(key: string | undefined) => void>();
    open().subscribe(listener);
    const stranger = new BroadcastChannel(`test ${number}`);
    stranger.postMessage(message);
    stranger.postMessage({ key: 'good' });
    await vi.waitFor(() => expect(listener.mock.calls).toEqual([['good']]));
    stranger.close();
  });

  test('closes on pagehide, so the page can be cached, and listens again on pageshow', async () => {
    const page = stubPage();
    const listener = vi.fn<(key: string | undefined) => void>();
    const close = vi.spyOn(BroadcastChannel.prototype, 'close');
    open().subscribe(listener);
    page.dispatch('pagehide');
    expect(close).toHaveBeenCalledOnce();
    page.dispatch('pageshow');
    open().post('key');
    await vi.waitFor(() => expect(listener.mock.calls).toEqual([['key']]));
    close.mockRestore();
  });

  test('opens nothing on pageshow where nobody is subscribed', () => {
    const page = stubPage();
    open().post('key');
    page.dispatch('pagehide');
    const made = vi.fn<() => void>();
    vi.stubGlobal('BroadcastChannel', made);
    page.dispatch('pageshow');
    expect(made).not.toHaveBeenCalled();
  });

  test('listens to the page only while it is open', () => {
    const page = stubPage();
    const channel = open();
    expect(page.listeners).toBe(0);
    channel.post('key');
    expect(page.listeners).toBe(2);
    channel.close();
    expect(page.listeners).toBe(0);
  });

  test.each([
    ['is none', undefined],
    [
      'is one that throws',
      function () {
        throw new DOMException('Not here.', 'SecurityError');
      },
    ],
  ])('does nothing where there %s', (_case, constructor) => {
    vi.stubGlobal('BroadcastChannel', constructor);
    const channel = open();
    const end = channel.subscribe(() => {});
    channel.post('key');
    end();
    channel.close();
  });

  test('keeps no Node process alive', () => {
    const { outputFiles } = buildSync({
      entryPoints: ['src/storage/web/hintChannel.ts'],
      bundle: true,
      format: 'esm',
      write: false,
    });
    const script = `${outputFiles[0]!.text}
      const channel = hintChannel('test');
      channel.subscribe(() => {});
      channel.post('key');
      console.log('done');`;
    const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      timeout: 5000,
    });
    expect(output.toString()).toBe('done\n');
  });
});
