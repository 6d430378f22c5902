import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PackedPackage } from '../package/packPackage.js';

const here = fileURLToPath(new URL('./', import.meta.url));

export interface Site {
  readonly folder: string;
  /** The subpaths that a browser may load, as they are imported. */
  readonly subpaths: readonly string[];
  remove(): Promise<void>;
}

/**
 * A project with the page of `site` and the packed package installed. It lies beside the bundlers, so that it finds
 * them and one copy of React; what else the package asks for is found where the tests have it.
 */
export async function createSite({ installed, manifest }: PackedPackage): Promise<Site> {
  const folder = await mkdtemp(join(here, '.site-'));
  await cp(join(here, 'site'), folder, { recursive: true });
  await cp(installed, join(folder, 'node_modules/shelflife'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  const subpaths = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object' && target['browser'] !== null)
    .map(([subpath]) => subpath.replace('.', 'shelflife'));
  await writeFile(join(folder, 'subpaths.js'), importAll(subpaths));
  return { folder, subpaths, remove: () => rm(folder, { recursive: true, force: true }) };
}

function importAll(subpaths: readonly string[]): string {
  const imports = subpaths.map((subpath, index) => `import * as module${index} from '${subpath}';`);
  const members = subpaths.map((subpath, index) => `  '${subpath}': Object.keys(module${index}).sort(),`);
  return [...imports, 'export const exported = {', ...members, '};', ''].join('\n');
}
