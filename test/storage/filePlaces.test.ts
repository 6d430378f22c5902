import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCredentialStore } from '../../src/index.js';
import { fileBackend } from '../../src/storage/file.js';
import { fileNameOf, oldFileNameOf, spelledKey } from '../../src/storage/file/fileNameOf.js';
import { buildBackend } from './file/buildBackend.js';
import { makeSandbox, onlyOwner } from './file/sandbox.js';

const isRoot = process.getuid?.() === 0;
const canRunAs =
  isRoot && spawnSync('setpriv', ['--reuid=4321', '--regid=4321', '--clear-groups', 'true']).status === 0;

/** Runs a script as a user whom the system does not know, and returns what it said. */
function runHomeless(script: string, environment: readonly string[] = []): string {
  const user = ['setpriv', '--reuid=4321', '--regid=4321', '--clear-groups'];
  const node = [process.execPath, '--input-type=module', '-e', script];
  return execFileSync('env', ['-u', 'HOME', ...environment, ...user, ...node]).toString();
}

describe.skipIf(!canRunAs)('a user whom the system does not know, without a home,', () => {
  const run = async (script: string, environment: readonly string[] = []) => {
    const module = join(dirname(await buildBackend()), 'file.mjs');
    return runHomeless(`import { fileBackend } from ${JSON.stringify(module)};\n${script}`, environment);
  };

  test('keeps files in a directory', async () => {
    const { directory } = await makeSandbox();
    chmodSync(dirname(directory), 0o777);
    const script = `const backend = fileBackend({ directory: ${JSON.stringify(directory)} });
      console.log(await backend.compareAndSet('a', undefined, 'v'), await backend.get('a'));
      await backend.close();`;
    expect(await run(script)).toBe('true v\n');
  });

  test('is told what to do about `app`, and keeps files below XDG_STATE_HOME', async () => {
    const { directory } = await makeSandbox();
    chmodSync(dirname(directory), 0o777);
    const script = `try { const backend = fileBackend({ app: 'a' }); await backend.compareAndSet('a', undefined, 'v'); await backend.close(); console.log('kept'); }
      catch (error) { console.log(error.name, error.message); }`;
    expect(await run(script)).toMatch(/^TypeError .*directory.*HOME/);
    expect(await run(script, [`XDG_STATE_HOME=${dirname(directory)}`])).toBe('kept\n');
  });
});

describe.skipIf(!isRoot || process.platform === 'win32')('root in a directory of another user', () => {
  test('makes files and directories for that user, who can then go on', async () => {
    const { directory } = await makeSandbox();
    const home = dirname(directory);
    chownSync(home, 4321, 4321);
    const backend = fileBackend({ directory: join(home, 'deep', 'er') });
    await backend.compareAndSet('a', undefined, 'v');
    await backend.compareAndSet('k'.repeat(300), undefined, 'v');
    const lease = await backend.lease?.('a', { signal: AbortSignal.timeout(1000) });
    await backend.quarantine?.('a');
    const files = execFileSync('find', [home, '-printf', '%U:%G %p\n']).toString().trim().split('\n');
    expect(files.length).toBeGreaterThan(8);
    expect(files.filter((line) => !line.startsWith('4321:4321 '))).toEqual([]);
    await lease?.release();
    await backend.close?.();
    if (!canRunAs) return;
    const module = join(dirname(await buildBackend()), 'file.mjs');
    const script = `import { fileBackend } from ${JSON.stringify(module)};
      const backend = fileBackend({ directory: ${JSON.stringify(join(home, 'deep', 'er'))} });
      console.log(await backend.compareAndSet('a', 'v', 'w'));
      await backend.close();`;
    expect(runHomeless(script)).toBe('true\n');
  });

  test('is told so by health, once it was used', async () => {
    const { directory } = await makeSandbox();
    chownSync(dirname(directory), 4321, 4321);
    const store = createCredentialStore({ storage: fileBackend({ directory }) });
    expect(store.health.value.status).toBe('ok');
    await store.entry().set({ access_token: 'token', expires_in: 60 });
    expect(store.health.value).toMatchObject({ status: 'degraded', backend: 'file' });
    expect(store.health.value.error?.message).toContain('belongs to the user with id 4321');
    await store.close();
  });

  test('gives nothing away in a directory that everybody may write to', async () => {
    const { directory } = await makeSandbox();
    const shared = dirname(directory);
    chownSync(shared, 4321, 4321);
    chmodSync(shared, 0o1777);
    const backend = fileBackend({ directory });
    await backend.compareAndSet('a', undefined, 'v');
    await backend.close?.();
    expect(statSync(directory).uid).toBe(0);
  });

  test.skipIf(!canRunAs)(
    'that it left a file of its own in is told by name, with the command that mends it',
    async () => {
      const { directory } = await makeSandbox();
      chmodSync(dirname(directory), 0o755);
      mkdirSync(directory, { mode: 0o700 });
      chownSync(directory, 4321, 4321);
      const file = join(directory, 'entry-a.json');
      writeFileSync(file, 'v', { mode: 0o600 });
      const module = join(dirname(await buildBackend()), 'file.mjs');
      const script = `import { fileBackend } from ${JSON.stringify(module)};
      await fileBackend({ directory: ${JSON.stringify(directory)} }).get('a').catch(({ name, message }) => console.log(name, message));`;
      const told = runHomeless(script);
      expect(told).toMatch(/^StorageUnavailableError/);
      expect(told).toContain(`${file} belongs to user 0`);
      expect(told).toContain(`sudo chown -R 4321 '${directory}'`);
    },
  );
});

describe('the names of files', () => {
  test('are readable for keys that can be read', async () => {
    const { directory } = await makeSandbox();
    const store = createCredentialStore({ storage: fileBackend({ directory }) });
    for (const key of ['default', 'alice@example.com', 'bob+work@example.com'])
      await store.entry(key).set({ access_token: 'token', expires_in: 60 });
    await store.close();
    expect(readdirSync(directory).toSorted()).toEqual([
      'entry-shelflife,alice@example.com.json',
      'entry-shelflife,bob+work@example.com.json',
      'entry-shelflife,default.json',
    ]);
  });

  const keys = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom(...Array.from('aAbB%=,@+.-_:/\\~ 0149éE\u0301\u0000')),
      maxLength: 30,
    }),
    fc
      .string({ maxLength: 20 })
      .map((key) => `shelflife:${encodeURIComponent(key.replaceAll(/\p{Surrogate}/gu, ''))}`),
    fc.constantFrom(
      'con',
      'k61',
      `h${'0'.repeat(64)}`,
      '..',
      '.',
      '',
      '%4',
      '%41',
      '=41',
      '%e9',
      'x.lock',
      'x.lease',
    ),
  );

  test('never meet, whatever a file system makes of case, and spell their key', () => {
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        const names = [fileNameOf(one), fileNameOf(other)].map((name) => name.normalize('NFC').toLowerCase());
        expect(names[0] === names[1]).toBe(one === other);
        for (const name of names) expect(name).toMatch(/^(?:entry-[a-z0-9.,@+%=_-]*|h[0-9a-f]{64})$/);
        expect(fileNameOf(one)).toBe(names[0]);
        if (names[0]?.startsWith('entry-')) expect(spelledKey(names[0])).toBe(one);
        // Nor the old ones of other keys.
        if (fileNameOf(one) === oldFileNameOf(other)) expect(one).toBe(other);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('records under the names of version 0.1.0', () => {
  const keys = ['a', 'Alice@example.com', 'x'.repeat(100), 'x'.repeat(300), 'shelflife:default'];
  const plant = (directory: string) => {
    mkdirSync(directory, { mode: 0o700 });
    for (const key of keys) {
      const name = oldFileNameOf(key);
      writeFileSync(join(directory, `${name}.json`), `old ${key}`, { mode: 0o600 });
      writeFileSync(join(directory, `${name}.damaged`), 'damaged', { mode: 0o600 });
      if (name.startsWith('h')) writeFileSync(join(directory, `${name}.key`), key, { mode: 0o600 });
    }
  };

  test('are found, listed, compared and replaced, and are then under the new name only', async () => {
    const { directory, open } = await makeSandbox();
    plant(directory);
    const backend = open();
    expect(((await backend.keys('')) as string[]).toSorted()).toEqual(keys.toSorted());
    for (const key of keys) {
      expect(await backend.get(key)).toBe(`old ${key}`);
      expect(await backend.compareAndSet(key, undefined, 'new')).toBe(false);
      expect(await backend.compareAndSet(key, 'another', undefined)).toBe(false);
      expect(await backend.compareAndSet(key, `old ${key}`, `new ${key}`)).toBe(true);
      expect(await backend.get(key)).toBe(`new ${key}`);
    }
    expect(((await backend.keys('')) as string[]).toSorted()).toEqual(keys.toSorted());
    await backend.close?.();
    const files = readdirSync(directory).filter((file) => /\.(?:json|key)$/.test(file));
    expect(files).toHaveLength(keys.length + 1);
    for (const key of keys) expect(files).toContain(`${fileNameOf(key)}.json`);
  });

  test('are deleted with all that belongs to them, also where a newer one hides them', async () => {
    const { directory, open } = await makeSandbox();
    plant(directory);
    for (const key of keys.slice(0, 3))
      writeFileSync(join(directory, `${fileNameOf(key)}.json`), `new ${key}`, { mode: 0o600 });
    const backend = open();
    for (const [i, key] of keys.entries()) {
      const text = await backend.get(key);
      expect(text).toBe(`${i < 3 ? 'new' : 'old'} ${key}`);
      expect(await backend.compareAndSet(key, text, undefined)).toBe(true);
      expect(await backend.get(key)).toBeUndefined();
    }
    await backend.close?.();
    expect(readdirSync(directory)).toEqual([]);
  });

  test('and its leftovers: those of the dead go, those of the living stay', async () => {
    const { directory, open } = await makeSandbox();
    const first = open();
    await first.compareAndSet('a', undefined, 'v');
    const { identity } = onlyOwner(directory);
    const { timeNamespace: _, ...old } = identity;
    const owner = (nonce: string, pid: number) => {
      writeFileSync(join(directory, `.owner-${nonce}`), JSON.stringify({ ...old, pid, thread: pid, nonce }));
      writeFileSync(join(directory, `.temporary-${nonce}-1`), 'half');
      execFileSync('ln', [
        join(directory, `.owner-${nonce}`),
        join(directory, `${oldFileNameOf(`b${nonce[0]}`)}.lock`),
      ]);
    };
    owner('a'.repeat(32), 2 ** 22 - 1);
    owner('b'.repeat(32), process.pid);
    const second = open();
    await second.compareAndSet('c', undefined, 'v');
    await Promise.all([first.close?.(), second.close?.()]);
    const left = readdirSync(directory).filter((file) => !file.endsWith('.json'));
    expect(left.toSorted()).toEqual([
      `.owner-${'b'.repeat(32)}`,
      `.temporary-${'b'.repeat(32)}-1`,
      `${oldFileNameOf('bb')}.lock`,
    ]);
    expect(lstatSync(join(directory, `.owner-${'b'.repeat(32)}`)).nlink).toBe(2);
  });
});

test('an application whose name is no name of a directory is refused', () => {
  for (const app of ['a/b', '..', '.', ' ', 'a\\b'])
    expect(() => fileBackend({ app })).toThrow(/`app` must be/);
});
