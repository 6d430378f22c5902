import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packPackage, type PackedPackage, root, run } from '../package/packPackage.js';

let packed: PackedPackage;

beforeAll(async () => {
  packed = await packPackage();
}, 300_000);
afterAll(() => packed?.remove());

test('the recipe for Jest in CommonJS mode runs the packed package', { timeout: 300_000 }, async () => {
  const project = join(packed.project, '..', 'jest');
  await cp(join(root, 'test/recipes/jest'), project, { recursive: true });
  const installation = await run('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], project);
  expect(installation.code, installation.output).toBe(0);
  // As npm would install it: Jest follows no links, so the files are to be there themselves.
  const modules = join(project, 'node_modules');
  await cp(packed.installed, join(modules, 'shelflife'), { recursive: true });
  for (const name of ['superjson', 'copy-anything', 'idb-keyval'])
    await cp(join(root, 'node_modules', name), join(modules, name), { recursive: true });
  const { code, output } = await run(process.execPath, [join(modules, 'jest/bin/jest.js'), '--ci'], project);
  expect(code, output).toBe(0);
  expect(output).toContain('2 passed');
});
