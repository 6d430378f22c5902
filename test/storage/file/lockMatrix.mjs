// Tries all pairs of a holder and a taker of a lease, in a process namespace of its own, so that ids can be used again
// on purpose: node lockMatrix.mjs <worker> <directory> <bound in milliseconds> <rows as JSON>
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const [, , worker, parent, bound, rows] = process.argv;
const directory = join(parent, 'credentials');
const bootId = join(parent, 'boot-id');
mkdirSync(directory, { mode: 0o700 });
writeFileSync(bootId, '00000000-0000-4000-8000-000000000000\n');
// faketime names what it shares by process ids, which are others outside.
execFileSync('mount', ['-t', 'tmpfs', 'none', '/dev/shm']);
const faketime = (shift) => ['env', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'faketime', '-f', shift];
const under = (...command) => ['unshare', '--mount', 'sh', '-c', `${command.join(' ')} && exec "$@"`, 'sh'];
const places = {
  here: [],
  pid: ['unshare', '--pid', '--fork', '--mount-proc'],
  time: ['unshare', '--time', '--boottime', '86400', '--fork'],
  uts: ['unshare', '--uts', 'sh', '-c', 'hostname elsewhere && exec "$@"', 'sh'],
  ahead: faketime('+3h'),
  behind: faketime('-3h'),
  pidAhead: [...faketime('+3h'), 'unshare', '--pid', '--fork', '--mount-proc'],
  pidBehind: [...faketime('-3h'), 'unshare', '--pid', '--fork', '--mount-proc'],
  noProc: under('mount', '-t', 'tmpfs', 'none', '/proc'),
  boot: under('mount', '--bind', bootId, '/proc/sys/kernel/random/boot_id'),
};
const kill = (child, signal) => process.kill(-child.pid, signal);
const started = [];

function start(place, keys) {
  const [command, ...rest] = [...places[place], process.execPath, worker, 'send', directory, bound, ...keys];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  started.push(child);
  const lines = [];
  const waiting = new Set();
  const tell = () => waiting.forEach((look) => look());
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    tell();
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const done = new Promise((resolve, reject) => {
    waiting.add(() => lines.includes('done') && resolve(lines));
    void ended.then(() => reject(new Error(`${place} ended: ${lines.join(' | ')}`)));
  });
  done.catch(() => undefined);
  return { child, lines, done, ended };
}

/** Starts a process with an id that was used before. */
async function reuse(id) {
  for (let attempt = 0; attempt < 50; attempt++) {
    writeFileSync('/proc/sys/kernel/ns_last_pid', String(id - 1));
    const child = spawn('sleep', ['600'], { stdio: 'ignore', detached: true });
    if (child.pid === id) return started.push(child);
    child.kill();
    await new Promise((resolve) => child.once('exit', resolve));
  }
  throw new Error(`the process id ${id} could not be had again`);
}

const cells = JSON.parse(rows).flatMap(({ name, holder, taker, states }) =>
  states.map((state) => ({
    name,
    holder,
    taker,
    state,
    key: `${name} ${state}`.replaceAll(/[^a-z0-9]/g, '-'),
  })),
);
try {
  const reused = [];
  // A few at a time: all of them at once would take long to start on a small machine.
  for (let first = 0; first < cells.length; first += 6) {
    await Promise.all(
      cells.slice(first, first + 6).map(async ({ holder, state, key }) => {
        const { child, done, ended } = start(holder, [key]);
        const lines = await done;
        if (state === 'running') return;
        kill(child, state === 'stopped' ? 'SIGSTOP' : 'SIGKILL');
        if (state !== 'stopped') await ended;
        if (state === 'reused') reused.push(Number(lines[0].split(' ')[0]));
      }),
    );
  }
  for (const id of reused) await reuse(id);
  const byPlace = new Map();
  for (const { taker, key } of cells) byPlace.set(taker, [...(byPlace.get(taker) ?? []), key]);
  const answers = await Promise.all([...byPlace].map(([taker, keys]) => start(taker, keys).done));
  const all = answers.flat();
  const results = cells.map(({ name, state, key }) => {
    const line = all.find((each) => each.includes(` ${key} `));
    const [, verb, , after] = line.split(' ');
    return {
      name,
      state,
      seconds: verb === 'sent' ? Number(after) / 1000 : null,
      sent: verb === 'sent' ? 2 : 1,
    };
  });
  console.log(`\nRESULTS ${JSON.stringify(results)}`);
} finally {
  for (const child of started) {
    try {
      kill(child, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
process.exit(0);
