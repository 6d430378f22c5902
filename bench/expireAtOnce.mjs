/** How long do others wait where very many entries expire at once? Each measurement is a process of its own. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compare } from './compare.mjs';
import { either } from './support/options.mjs';
import { installPeers, usePeers } from './support/peers.mjs';

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

const expiring = either(100_000, 5000);
await compare(
  `${expiring.toLocaleString('en-US')} entries expiring at once: the longest that others had to wait`,
  Object.entries(ways).map(([name, way]) => ({
    name,
    run: () =>
      JSON.parse(
        execFileSync(process.execPath, ['--expose-gc', observer, way, String(expiring), 'at once'], {
          encoding: 'utf8',
        }),
      ).longestWait,
  })),
  {
    rounds: 3,
    how: 'A timer of one millisecond runs beside, and tells the longest time between two of its calls.',
    goals: [{ text: 'never longer than 16 ms', of: ours, most: 16_000 }],
  },
);
