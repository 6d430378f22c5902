import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildBackend } from './buildBackend.js';

type State = 'running' | 'stopped' | 'dead' | 'reused';

/** Longer than anybody is watched. */
const BOUND = 50_000;
const ALL: readonly State[] = ['running', 'stopped', 'dead', 'reused'];
/** The ids of a process namespace are gone with its first process. */
const NO_REUSE: readonly State[] = ['running', 'stopped', 'dead'];

const rows: readonly { name: string; holder: string; taker: string; states: readonly State[] }[] = [
  { name: 'the same namespaces', holder: 'here', taker: 'here', states: ALL },
  { name: 'another UTS namespace (host name)', holder: 'uts', taker: 'here', states: ALL },
  { name: 'another time namespace', holder: 'time', taker: 'here', states: ALL },
  { name: 'another process namespace', holder: 'pid', taker: 'here', states: NO_REUSE },
  { name: 'the same, holder’s clock 3 h ahead', holder: 'pidAhead', taker: 'here', states: NO_REUSE },
  { name: 'the same, holder’s clock 3 h behind', holder: 'pidBehind', taker: 'here', states: NO_REUSE },
  { name: 'the same, taker’s clock 3 h ahead', holder: 'pid', taker: 'ahead', states: NO_REUSE },
  { name: 'the same, taker’s clock 3 h behind', holder: 'pid', taker: 'behind', states: NO_REUSE },
  { name: 'no `/proc` (as macOS, Windows)', holder: 'noProc', taker: 'noProc', states: ALL },
  { name: 'another boot, or another machine', holder: 'boot', taker: 'here', states: ALL },
];

const titles: Record<State, string> = {
  running: 'runs',
  stopped: 'is stopped',
  dead: 'is dead',
  reused: 'is dead, its id used again',
};

interface Result {
  readonly name: string;
  readonly state: State;
  readonly seconds: number | null;
  readonly sent: number;
}

const isolated = ['--pid', '--fork', '--mount-proc', '--mount'];

/** What the matrix takes: namespaces, those of time too, an id that can be used again, clocks that go wrong. */
export const canTryMatrix =
  process.getuid?.() === 0 &&
  spawnSync('unshare', [...isolated, 'unshare', '--time', '--boottime', '1', '--fork', 'true']).status ===
    0 &&
  spawnSync('faketime', ['--version']).error === undefined;

/** Tries all pairs, and makes the table of the documentation. */
export async function makeLockTable(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'shelflife-matrix-'));
  try {
    const script = fileURLToPath(new URL('lockMatrix.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)('unshare', [
      ...isolated,
      // The first process, which has to ask how orphans ended: their ids are free only then.
      'sh',
      '-c',
      '"$@"; exit $?',
      'sh',
      process.execPath,
      script,
      await buildBackend(),
      directory,
      String(BOUND),
      JSON.stringify(rows),
    ]);
    const [, json = '[]'] = /^RESULTS (.*)$/m.exec(stdout) ?? [];
    return tableOf(JSON.parse(json));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function tableOf(results: readonly Result[]): string {
  const cell = (name: string, state: State): string => {
    const result = results.find((each) => each.name === name && each.state === state);
    if (result === undefined) return '–';
    const { seconds, sent } = result;
    return `${seconds === null ? 'keeps it' : seconds < 15 ? 'at once' : 'after 30 s'}, ${sent} ×`;
  };
  const lines = [
    ['holder and taker have', ...ALL.map((state) => `the holder ${titles[state]}`)],
    ...rows.map(({ name }) => [name, ...ALL.map((state) => cell(name, state))]),
  ];
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const text = lines.map((line) => `| ${line.map((each, i) => each.padEnd(widths[i] ?? 0)).join(' | ')} |`);
  return [text[0], `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...text.slice(1)].join(
    '\n',
  );
}
