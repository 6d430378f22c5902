import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { combineLatest, distinctUntilChanged, from, map, take } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anHour, openSession, passAnHour } from './openSession.js';

test('from delivers the value at once and each transition once', async () => {
  const session = await openSession();
  const seen: string[] = [];
  const subscription = from(session.entry.expiry).subscribe(({ status }) => void seen.push(status));
  expect(seen).toEqual(['fresh']);
  await passAnHour(session);
  expect(seen).toEqual(anHour);
  subscription.unsubscribe();
  expect(session.armed()).toBe(0);
});

test('operators work on it, and let go when they have enough', async () => {
  const session = await openSession();
  const seen: string[] = [];
  combineLatest([session.entry.expiry, session.entry.credentials])
    .pipe(
      map(([{ status }, credentials]) => `${status} ${typeof credentials}`),
      distinctUntilChanged(),
      take(2),
    )
    .subscribe((text) => void seen.push(text));
  await passAnHour(session);
  expect(seen).toEqual(['fresh object', 'expiring object']);
  expect(session.armed()).toBe(0);
});

describe('from needs no order of loading:', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'shelflife-rxjs-'));
    await build({
      entryPoints: { shelflife: 'src/index.ts', testing: 'src/testing/index.ts' },
      outdir: folder,
      bundle: true,
      splitting: true,
      format: 'esm',
      outExtension: { '.js': '.mjs' },
    });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const orders = [
    'shelflife, rxjs',
    'rxjs, shelflife',
    'polyfill, shelflife, rxjs',
    'polyfill, rxjs, shelflife',
    'shelflife, polyfill, rxjs',
    'shelflife, rxjs, polyfill',
    'rxjs, polyfill, shelflife',
    'rxjs, shelflife, polyfill',
  ];
  test.each(orders)('%s', async (order) => {
    const script = fileURLToPath(new URL('rxjsLoadOrder.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script, folder, ...order.split(', ')]);
    expect(JSON.parse(stdout)).toEqual({ atOnce: ['fresh'], later: ['fresh', 'expiring'], armed: 0 });
  });
});
