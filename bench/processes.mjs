/** Do eight processes that update at once lose anything, and how long does the unluckiest wait? */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keep } from './compare.mjs';
import { either, roundsOf } from './support/options.mjs';
import { installPeers, usePeers } from './support/peers.mjs';
import { showProgress } from './support/progress.mjs';
import { takeRounds } from './support/takeRounds.mjs';
import { withDirectory } from './support/withDirectory.mjs';

await installPeers();
usePeers('proper-lockfile', 'write-file-atomic');
const processes = 8;
const updates = either(50, 10);
const ways = { 'proper-lockfile around write-file-atomic': 'locked', 'shelflife: update': 'shelflife' };
const updater = fileURLToPath(new URL('support/updateInProcess.mjs', import.meta.url));

await withDirectory(async (directory) => {
  for (const keys of [1, 64]) await measure(directory, keys);
});

async function measure(directory, keys) {
  const told = Object.fromEntries(Object.values(ways).map((way) => [way, []]));
  const title = `${processes} processes, ${updates} updates each, ${keys === 1 ? 'one key' : `${keys} keys`}`;
  let place = 0;
  const contenders = Object.entries(ways).map(([name, way]) => ({
    name,
    async run() {
      place += 1;
      const folder = join(directory, `${keys}-${place}`);
      await mkdir(folder);
      const figures = await updateAtOnce(way, folder, keys);
      told[way].push(figures);
      return figures.microseconds;
    },
  }));
  await takeRounds(contenders, { rounds: roundsOf(5), onRound: either(showProgress(title), undefined) });
  const tableOf = (name, figure, unit, goals) =>
    keep({
      title: `${title}: ${name}`,
      unit,
      contenders,
      samples: Object.values(told).map((figures) => figures.slice(1).map((each) => each[figure])),
      goals: goals.map((goal) => ({ of: 'shelflife: update', ...goal })),
    });
  const peer = 'proper-lockfile around write-file-atomic';
  tableOf('the time for one', 'microseconds', 'µs', [{ text: 'ahead', against: peer, most: 1 }]);
  tableOf('the longest that one waited', 'longest', 'µs', [{ text: 'ahead', against: peer, most: 1 }]);
  tableOf('updates lost', 'lost', '', [{ text: 'none', most: 0 }]);
}

async function updateAtOnce(way, folder, keys) {
  const start = (role) => fork(updater, [role, way, folder, String(keys), String(updates)]);
  await once(start('seed'), 'exit');
  const children = Array.from({ length: processes }, () => start('update'));
  await Promise.all(children.map((child) => once(child, 'message')));
  const started = performance.now();
  const answers = Promise.all(children.map(async (child) => (await once(child, 'message'))[0]));
  for (const child of children) child.send('go');
  const waits = await answers;
  const elapsed = performance.now() - started;
  const sum = start('sum');
  const [counted] = await once(sum, 'message');
  const all = processes * updates;
  return { microseconds: (elapsed * 1000) / all, longest: Math.max(...waits), lost: all - counted };
}
