/**
 * `npm run bench:check`: figures that are the same on every machine - bytes, calls of the system, requests, timers,
 * allocations - beside a baseline that is committed. Fails where one got worse; `--update` makes a new baseline.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { countAllocations } from './check/countAllocations.mjs';
import { countBytes } from './check/countBytes.mjs';
import { countRequestsOfProcesses } from './check/countRequestsOfProcesses.mjs';
import { countRequestsOfTabs } from './check/countRequestsOfTabs.mjs';
import { countSystemCalls } from './check/countSystemCalls.mjs';

const baselineFile = new URL('baseline.json', import.meta.url);
/** How much more is still the same: a call that is made once in many writes falls in a run or not, heaps are counted in pages, and compressors differ between releases of Node. */
const slack = { bytes: 1.01, 'system calls': 1.06, requests: 1, timers: 1, allocations: 1.1 };
const measures = [
  countBytes,
  countSystemCalls,
  countAllocations,
  countRequestsOfProcesses,
  countRequestsOfTabs,
];

const measured = {};
for (const measure of measures) {
  const started = performance.now();
  for (const [kind, figures] of Object.entries(await measure()))
    measured[kind] = { ...measured[kind], ...figures };
  console.log(`${measure.name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
const baseline = JSON.parse(await readFile(baselineFile, 'utf8').catch(() => '{}'));

if (process.argv.includes('--update')) await update();
else check();

/** What can't be measured here, as without strace, keeps what it was. */
async function update() {
  const renewed = {};
  for (const kind of Object.keys(slack)) renewed[kind] = measured[kind] ?? baseline[kind] ?? {};
  await writeFile(baselineFile, `${JSON.stringify(renewed, undefined, 2)}\n`);
  console.log('bench/baseline.json is renewed.');
}

function check() {
  const worse = [];
  for (const [kind, figures] of Object.entries(measured)) {
    for (const [name, figure] of Object.entries(figures)) {
      const before = baseline[kind]?.[name];
      if (before === undefined) worse.push(`${kind}, ${name}: ${figure}, and the baseline does not have it`);
      else if (figure > before * slack[kind]) worse.push(`${kind}, ${name}: ${figure}, was ${before}`);
      else if (figure < before) console.log(`better: ${kind}, ${name}: ${figure}, was ${before}`);
    }
  }
  if (worse.length === 0) {
    console.log('No figure is worse than bench/baseline.json.');
    return;
  }
  console.error(`Worse than bench/baseline.json:\n  ${worse.join('\n  ')}`);
  console.error('Where that is meant, `npm run bench:check -- --update` renews the baseline.');
  process.exitCode = 1;
}
