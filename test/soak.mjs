/**
 * `npm run test:soak`: the long forms of the tests, again and again for up to an hour, ends with a line
 * `N passed, N failed`.
 *
 * SOAK=1 and KILLS=1000 are what the tests read. SOAK_MINUTES says how long; the first round is always finished,
 * and no further one is begun that would not be over in time.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './installPackages.mjs';
import { provideCommand } from './provideCommand.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const hour = 60;
const minutes = Number(process.env.SOAK_MINUTES ?? hour);
const suiteTimeout = hour * 60_000;
const soak = { SOAK: '1', KILLS: process.env.KILLS ?? '1000', NO_COLOR: '1', FORCE_COLOR: '0' };
const startedAt = Date.now();
const reports = await mkdtemp(join(tmpdir(), 'shelflife-soak-'));
const results = [];

const suites = [
  { title: 'processes', run: () => vitest(['test/processes/']) },
  { title: 'storage', run: () => vitest(['test/storage/']) },
  { title: 'the rest', run: () => vitest(['--exclude', 'test/{processes,storage,package,examples}/**']) },
  { title: 'browsers', run: playwright },
];

try {
  await installPackages();
  const chromium = process.env.CHROMIUM_PATH ?? (await findChromium());
  if (chromium) process.env.CHROMIUM_PATH = chromium;
  for (let round = 1; ; round++) {
    const roundStartedAt = Date.now();
    for (const { title, run } of suites) await attempt(`round ${round}, ${title}`, run);
    const left = minutes * 60_000 - (Date.now() - startedAt);
    if (left < Date.now() - roundStartedAt) break;
  }
} finally {
  await rm(reports, { recursive: true, force: true });
}
summarize();

async function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return provideCommand({ names, debianPackage: 'chromium' });
}

async function attempt(title, run) {
  console.log(`\n=== ${title} (after ${secondsSince(startedAt)} s)`);
  const began = Date.now();
  let counts;
  try {
    counts = await run();
  } catch (error) {
    console.error(error.message);
    counts = { passed: 0, failed: 1 };
  }
  console.log(`--- ${title}: ${countsOf(counts)} (${secondsSince(began)} s)`);
  results.push({ title, elapsed: `${secondsSince(began)} s`, ...counts });
}

async function vitest(parameters) {
  const report = join(reports, 'vitest.json');
  const code = await execute([
    'node_modules/vitest/vitest.mjs',
    'run',
    // One file at a time: what is measured here is not how the tests disturb each other.
    '--no-file-parallelism',
    '--testTimeout=3600000',
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...parameters,
  ]);
  const { numPassedTests, numFailedTests, numFailedTestSuites } = await readReport(report);
  // A file that can't be loaded has no tests to fail.
  return settle(code, numPassedTests, numFailedTests || numFailedTestSuites);
}

async function playwright() {
  if (!process.env.CHROMIUM_PATH) throw new Error('There is no Chromium to run them in.');
  const report = join(reports, 'browsers.json');
  const code = await execute(
    ['node_modules/@playwright/test/cli.js', 'test', '--timeout=3600000', '--reporter=list,json'],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  );
  const { stats, errors } = await readReport(report);
  return settle(code, stats.expected, stats.unexpected + stats.flaky + errors.length);
}

async function readReport(path) {
  try {
    const report = JSON.parse(await readFile(path, 'utf8'));
    await rm(path);
    return report;
  } catch {
    throw new Error('The tests ended without a report.');
  }
}

/** An exit code other than 0 is a failure even where no test tells of one: an unhandled rejection, say. */
function settle(code, passed, failed) {
  return { passed, failed: Math.max(failed, code === 0 ? 0 : 1) };
}

function execute(parameters, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, parameters, {
      cwd: root,
      env: { ...process.env, ...soak, ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
      // A group of its own, so that a test that hangs is stopped together with the runner it hangs in.
      detached: process.platform !== 'win32',
    });
    const stop = () => process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
    const interrupt = () => {
      stop();
      process.exit(130);
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const timer = setTimeout(stop, suiteTimeout);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve(code ?? 1);
    });
  });
}

function secondsSince(time) {
  return Math.round((Date.now() - time) / 1000);
}

function countsOf({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

function summarize() {
  console.log(`\n=== Summary, after ${secondsSince(startedAt)} s`);
  const width = Math.max(...results.map(({ title }) => title.length));
  const total = { passed: 0, failed: 0 };
  for (const result of results) {
    const mark = result.failed ? 'FAIL' : 'ok  ';
    console.log(`${mark}  ${result.title.padEnd(width)}  ${countsOf(result)} (${result.elapsed})`);
    total.passed += result.passed;
    total.failed += result.failed;
  }
  console.log(`\n${countsOf(total)}`);
  process.exitCode = total.failed ? 1 : 0;
}
