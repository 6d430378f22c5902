import { spawn } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a process left behind. */
export interface Outcome {
  /** Of the process; `null` where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds from the first line of the script to the end of the process, by the script's own account. */
  readonly lived: number;
}

export interface BuiltPackage {
  /** Runs a script, a module that gets the package's exports by `import … from 'shelflife'`. */
  run(script: string, options?: { readonly nodeOptions?: readonly string[] }): Promise<Outcome>;
  remove(): Promise<void>;
}

/** Builds the package into a folder of its own, so that real processes can import what users import. */
export async function buildPackage(): Promise<BuiltPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'shelflife-process-'));
  const installed = join(folder, 'node_modules', 'shelflife');
  // The dependencies resolve from the project's own folder; only what is built lies here.
  const { build } = await import('tsup');
  await build({
    config: false,
    silent: true,
    entry: { index: join(root, 'src/index.ts'), file: join(root, 'src/storage/file.ts') },
    outDir: join(installed, 'dist'),
    format: 'esm',
    target: 'es2022',
    platform: 'neutral',
    splitting: true,
    removeNodeProtocol: false,
    external: [/^node:/],
    skipNodeModulesBundle: true,
    dts: false,
  });
  await writeFile(
    join(installed, 'package.json'),
    JSON.stringify({
      name: 'shelflife',
      type: 'module',
      exports: { '.': './dist/index.js', './file': './dist/file.js' },
    }),
  );
  await symlink(join(root, 'node_modules'), join(installed, 'node_modules'), 'dir');

  let count = 0;
  return {
    async run(script, { nodeOptions = [] } = {}) {
      count += 1;
      const path = join(folder, `script-${count}.mjs`);
      await writeFile(path, script);
      return runNode([...nodeOptions, '--import', timekeeper, path], dirname(path));
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Says when the process ends how long it lived since Node was up, so that a busy machine's start-up doesn't count. */
const timekeeper = `data:text/javascript,${encodeURIComponent(
  `const started = performance.now();
   process.on('exit', () => process.stdout.write('\\n#lived ' + (performance.now() - started)));`,
)}`;

function runNode(parameters: string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (data) => (stdout += String(data)));
    child.stderr.on('data', (data) => (stderr += String(data)));
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(limit);
      const [said = '', lived] = stdout.split('\n#lived ');
      resolve({ code, stdout: said, stderr, lived: lived === undefined ? Infinity : Number(lived) });
    });
  });
}
