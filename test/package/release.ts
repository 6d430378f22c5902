import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, type PackedPackage, root, run } from './packPackage.js';

interface LockFile {
  readonly packages: Readonly<
    Record<string, { readonly dev?: boolean; readonly peer?: boolean; readonly hasInstallScript?: boolean }>
  >;
}

export function describeRelease(packed: () => PackedPackage): void {
  describe('a release', () => {
    test('runs nothing when it is installed: no script, and nothing that npm would compile', async () => {
      const manifest: { readonly scripts?: Readonly<Record<string, string>> } = JSON.parse(
        await readFile(join(packed().installed, 'package.json'), 'utf8'),
      );
      const scripts = Object.keys(manifest.scripts ?? {});
      // The life cycle of `npm install`, in the order of npm's manual.
      const atInstall = [
        'preinstall',
        'install',
        'postinstall',
        'prepublish',
        'preprepare',
        'prepare',
        'postprepare',
      ];
      expect(scripts.filter((name) => atInstall.includes(name))).toEqual([]);
      expect(await filesBelow(packed().installed)).not.toContain('binding.gyp');
    });

    test('brings nothing that runs a script when it is installed', async () => {
      const { packages }: LockFile = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
      const running = Object.entries(packages).filter(
        ([, { dev, hasInstallScript }]) => hasInstallScript && !dev,
      );
      expect(running.map(([path]) => path)).toEqual([]);
    });

    test('has a bill of materials that names all it brings, and nothing it is developed with', async () => {
      const users = join(packed().project, 'users');
      const locked = await run('sh', ['.github/lockWhatUsersInstall.sh', users], root);
      expect(locked.code, locked.output).toBe(0);
      const asked = ['sbom', '--prefix', users, '--package-lock-only', '--sbom-format=cyclonedx'];
      const { code, output } = await run('npm', asked, root);
      expect(code, output).toBe(0);
      const { components } = JSON.parse(output) as { components: readonly { readonly name: string }[] };
      const names = components.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(Object.keys(packed().manifest.dependencies)));
      for (const name of ['vitest', 'jose', 'tsup']) expect(names).not.toContain(name);
    });

    test('is published from a workflow with provenance, a bill of materials and an audit, by pinned actions', async () => {
      const workflow = await readFile(join(root, '.github/workflows/release.yml'), 'utf8');
      expect(workflow).toMatch(/npm publish .*--provenance/);
      expect(workflow).toMatch(/npm sbom .*--package-lock-only/);
      expect(workflow).toContain('npm audit --omit=dev');
      expect(workflow).toContain('id-token: write');
      expect(workflow).not.toMatch(/secrets\.|NPM_TOKEN/);
      const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);
      expect(actions.length).toBeGreaterThan(0);
      for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[\da-f]{40}$/);
    });
  });
}
