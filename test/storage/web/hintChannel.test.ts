import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
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

  test('keeps no Node process alive', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'shelflife-'));
    try {
      for (const module of ['hintChannel', 'broadcast', 'pageHints', 'pageRegistry', 'onPageTransition']) {
        const source = await readFile(`src/storage/web/${module}.ts`, 'utf8');
        const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
        const { outputText } = transpileModule(source, { compilerOptions });
        await writeFile(join(directory, `${module}.js`), outputText);
      }
      await writeFile(join(directory, 'package.json'), '{ "type": "module" }');
      await writeFile(
        join(directory, 'main.js'),
        `import { hintChannel } from './hintChannel.js';
        const channel = hintChannel('test');
        channel.subscribe(() => {});
        channel.post('key');
        console.log('done');`,
      );
      const output = execFileSync(process.execPath, [join(directory, 'main.js')], { timeout: 10_000 });
      expect(output.toString()).toBe('done\n');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
