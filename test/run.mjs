/**
 * `npm test`: installs what the tests need, runs all of them, and ends with a line `N passed, N failed`.
 *
 * It needs Node and npm only. Every step runs, also after one that failed; a step without tests of its own
 * (build, types, lint) counts as one. CHROMIUM_PATH names the browser to use.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './installPackages.mjs';
import { provideCommand } from './provideCommand.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const stepTimeout = 15 * 60_000;
const chromiumOffer = {
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  debianPackage: 'chromium',
};
// In a log file, colours are noise.
const plainOutput = process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' };
/** What some tests need beside Chromium; where it can be neither found nor installed, those are skipped. */
const furtherOffers = [
  { names: ['firefox-esr'], debianPackage: 'firefox-esr', neededBy: 'the browser tests in Firefox' },
  { names: ['WebKitWebDriver'], debianPackage: 'webkit2gtk-driver', neededBy: 'the tests in WebKit' },
  { names: ['Xvfb'], debianPackage: 'xvfb', neededBy: 'the tests in WebKit' },
  {
    names: ['strace'],
    debianPackage: 'strace',
    neededBy: 'the tests that inject faults into the file system',
  },
  { names: ['dbus-run-session'], debianPackage: 'dbus', neededBy: 'the tests with a real keychain' },
  { names: ['dbus-send'], debianPackage: 'dbus-bin', neededBy: 'the tests with a real keychain' },
  {
    names: ['gnome-keyring-daemon'],
    debianPackage: 'gnome-keyring',
    neededBy: 'the tests with a real keychain',
  },
  { names: ['secret-tool'], debianPackage: 'libsecret-tools', neededBy: 'the tests with a real keychain' },
  { names: ['redis-server'], debianPackage: 'redis-server', neededBy: 'the tests with Redis' },
  { names: ['gcc'], debianPackage: 'gcc', neededBy: 'the tests that stop a process just before a rename' },
  { names: ['faketime'], debianPackage: 'faketime', neededBy: 'the tests with clocks that go wrong' },
  {
    names: ['mkfs.vfat'],
    debianPackage: 'dosfstools',
    neededBy: 'the tests on a file system without hard links',
  },
];
const reports = await mkdtemp(join(tmpdir(), 'shelflife-test-'));
const results = [];

try {
  await step('Install what the tests need', installNeeds);
  await step('Build', () => npmScript('build'));
  await step('Types', () => npmScript('typecheck'));
  await step('Lint', () => npmScript('lint'));
  await step('Unit, property and integration tests', () =>
    vitest('unit', ['--exclude', 'test/package/**', '--exclude', 'test/bundlers/**']),
  );
  await step('Package tests', () => vitest('package', ['test/package/', 'test/bundlers/']));
  await step('Browser tests', playwright);
  await step('Figures that no machine changes', () => npmScript('bench:check'));
} finally {
  await rm(reports, { recursive: true, force: true });
}

summarize();

async function step(title, check) {
  console.log(`\n=== ${title}`);
  const started = Date.now();
  let result;
  try {
    result = await check();
  } catch (error) {
    console.error(error.message);
    result = asOneTest(false);
  }
  const elapsed = `${((Date.now() - started) / 1000).toFixed(1)} s`;
  console.log(`--- ${title}: ${countsOf(result)} (${elapsed})`);
  results.push({ title, elapsed, ...result });
}

async function installNeeds() {
  await installPackages();
  const chromium = process.env.CHROMIUM_PATH ?? (await provideCommand(chromiumOffer));
  if (chromium) process.env.CHROMIUM_PATH = chromium;
  console.log(`Chromium: ${chromium ?? 'none, so the browser tests will fail. CHROMIUM_PATH can name one.'}`);
  for (const offer of furtherOffers) {
    const path = await provideCommand(offer);
    console.log(`${offer.names[0]}: ${path ?? `none, so ${offer.neededBy} are skipped`}`);
  }
  return { passed: 0, failed: 0, skipped: 0 };
}

function asOneTest(passed) {
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 };
}

async function npmScript(name) {
  return asOneTest((await run('npm', ['run', '--silent', name])) === 0);
}

async function vitest(name, parameters) {
  const report = join(reports, `${name}.json`);
  const code = await run(process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
    ...parameters,
  ]);
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
    await readReport(report);
  // A file that can't be loaded has no tests to fail.
  const unloadable = testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.every((result) => result.status !== 'failed');
  });
  return settle(code, {
    passed: numPassedTests,
    failed: numFailedTests + unloadable.length,
    skipped: numPendingTests + numTodoTests,
  });
}

async function playwright() {
  if (!process.env.CHROMIUM_PATH) throw new Error('There is no Chromium to run them in.');
  const report = join(reports, 'browser.json');
  const code = await run(
    process.execPath,
    ['node_modules/@playwright/test/cli.js', 'test', '--reporter=list,json'],
    { PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  );
  const { stats, errors } = await readReport(report);
  return settle(code, {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky + errors.length,
    skipped: stats.skipped,
  });
}

async function readReport(path) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new Error('The tests ended without a report.');
  }
}

/** An exit code other than 0 is a failure even where no test tells of one: an unhandled rejection, say. */
function settle(code, counts) {
  return { ...counts, failed: Math.max(counts.failed, code === 0 ? 0 : 1) };
}

function run(command, parameters, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: root,
      env: { ...process.env, ...plainOutput, ...environment },
      stdio: ['ignore', 'inherit', 'inherit'],
      // A group of its own, so that a test that hangs is stopped together with the runner it hangs in.
      detached: process.platform !== 'win32',
    });
    const stop = () => process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
    const interrupt = () => {
      stop();
      process.exit(130);
    };
    const timer = setTimeout(() => {
      console.error(`Stopped: a step may take ${stepTimeout / 60_000} minutes.`);
      stop();
    }, stepTimeout);
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      resolve(code ?? 1);
    });
  });
}

function countsOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}

function summarize() {
  console.log('\n=== Summary');
  const width = Math.max(...results.map(({ title }) => title.length));
  for (const result of results) {
    console.log(
      `${result.failed ? 'FAIL' : 'ok  '}  ${result.title.padEnd(width)}  ${countsOf(result)} (${result.elapsed})`,
    );
  }
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const result of results) {
    for (const count of Object.keys(total)) total[count] += result[count];
  }
  console.log(`\n${countsOf(total)}`);
  process.exitCode = total.failed ? 1 : 0;
}
