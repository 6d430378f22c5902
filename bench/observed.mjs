/** What does it take to observe the expiry of very many entries? Each measurement is a process of its own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { keep } from './compare.mjs';
import { either, isQuick, roundsOf } from './support/options.mjs';
import { installPeers, usePeers } from './support/peers.mjs';
import { showProgress } from './support/progress.mjs';
import { takeRounds } from './support/takeRounds.mjs';

await installPeers();
usePeers('nanostores', 'rxjs');
const ways = {
  'one setTimeout each': 'timers',
  'nanostores: atom and setTimeout': 'nanostores',
  'rxjs: timer': 'rxjs',
  'shelflife: expiry.subscribe': 'shelflife',
};
const ours = 'shelflife: expiry.subscribe';
const observer = fileURLToPath(new URL('support/observeMany.mjs', import.meta.url));

// The last takes ten minutes, so it is asked for.
const million = process.argv.includes('--million') ? [1_000_000] : [];
for (const entries of isQuick ? [1000] : [1000, 100_000, ...million]) await observe(entries);

async function observe(entries) {
  const told = Object.fromEntries(Object.values(ways).map((way) => [way, []]));
  const title = `Observing ${entries.toLocaleString('en-US')} entries`;
  const contenders = Object.entries(ways).map(([name, way]) => ({
    name,
    run() {
      const figures = JSON.parse(
        execFileSync(
          process.execPath,
          ['--expose-gc', '--max-old-space-size=6000', observer, way, String(entries)],
          {
            encoding: 'utf8',
          },
        ),
      );
      told[way].push(figures);
      return figures.microseconds;
    },
  }));
  const most = roundsOf(entries > 100_000 ? 1 : 7);
  await takeRounds(contenders, { rounds: most, onRound: either(showProgress(title), undefined) });
  const tableOf = (name, figure, unit, goals) =>
    keep({
      title: `${title}: ${name}`,
      unit,
      how: 'Decoding is included; all entries expire at different times within an hour.',
      contenders: contenders.map(({ name: contender }) => ({ name: contender })),
      samples: Object.values(told).map((figures) => figures.slice(1).map((each) => each[figure])),
      goals,
    });
  tableOf('the time for one', 'microseconds', 'µs', [{ text: 'at most 10 µs an entry', of: ours, most: 10 }]);
  tableOf('the memory of one', 'bytes', 'bytes', [{ text: 'at most 1.3 kB an entry', of: ours, most: 1300 }]);
  tableOf('timers armed', 'timers', '', [{ text: 'one timer', of: ours, most: 1 }]);
}
