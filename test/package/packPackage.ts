import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root: string = fileURLToPath(new URL('../../', import.meta.url));

/** The package as a user gets it: built afresh, packed, and installed into a project of its own. */
export interface PackedPackage {
  readonly tarball: string;
  /** A project that has the package in its `node_modules`, its dependencies and its peers, and nothing else. */
  readonly project: string;
  /** The installed package. */
  readonly installed: string;
  readonly manifest: Manifest;
  remove(): Promise<void>;
}

export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string | null>>>>;
  readonly 'size-limit'?: readonly { readonly name: string; readonly limit: string }[];
}

export interface Outcome {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end; a failure is an outcome like any other. */
export async function run(program: string, parameters: readonly string[], cwd: string): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, parameters, { cwd });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

async function runOrFail(program: string, parameters: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await run(program, parameters, cwd);
  if (code !== 0) throw new Error(`${program} ${parameters.join(' ')} failed:\n${output}`);
}

/** Every file below a folder, as paths with slashes. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .toSorted();
}

/** Works on a copy: what lies in `dist` may be old, and may be in use by others. */
export async function packPackage(): Promise<PackedPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'shelflife-package-'));
  const source = join(folder, 'source');
  const project = join(folder, 'project');
  const modules = join(root, 'node_modules');

  await mkdir(source);
  for (const name of await readdir(root)) {
    if (name === 'src' || /\.(json|md)$|^LICENSE$|^tsup\.config\.ts$/.test(name)) {
      await cp(join(root, name), join(source, name), { recursive: true });
    }
  }
  await symlink(modules, join(source, 'node_modules'), 'dir');
  await runOrFail(process.execPath, [join(modules, 'tsup/dist/cli-default.js'), '--silent'], source);
  await runOrFail('npm', ['pack', '--ignore-scripts', '--silent'], source);
  const [tarballName = ''] = (await readdir(source)).filter((name) => name.endsWith('.tgz'));
  const tarball = join(source, tarballName);

  const installed = join(project, 'node_modules', 'shelflife');
  await mkdir(installed, { recursive: true });
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  await runOrFail('tar', ['-xzf', tarball, '--strip-components=1', '-C', installed], project);
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
  for (const dependency of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) {
    await mkdir(dirname(join(project, 'node_modules', dependency)), { recursive: true });
    await symlink(join(modules, dependency), join(project, 'node_modules', dependency), 'dir');
  }

  return {
    tarball,
    project,
    installed,
    manifest,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
