/** How many requests does one expiry cost where twenty tabs watch it, and when does the last tab have the new token? */
import { keep } from './compare.mjs';
import { expireInTabs } from './support/expireInTabs.mjs';
import { either, roundsOf } from './support/options.mjs';
import { usePeers } from './support/peers.mjs';
import { takeRounds } from './support/takeRounds.mjs';

usePeers('oidc-client-ts', '@supabase/auth-js');
const tabs = either(20, 4);
const ways = { 'oidc-client-ts': 'oidc-client-ts', '@supabase/auth-js': 'supabase', shelflife: 'shelflife' };
const told = Object.fromEntries(Object.values(ways).map((way) => [way, []]));
const contenders = Object.entries(ways).map(([name, way]) => ({
  name,
  async run() {
    const figures = await expireInTabs(way, tabs);
    told[way].push(figures);
    return figures.requests;
  },
}));

await takeRounds(contenders, { rounds: roundsOf(3) });
const how =
  'Every client watches one session in tabs of one profile, and renews it by itself at its expiry; the token endpoint is a plain one that counts.';
const tableOf = (title, unit, figure, goals, note = how) =>
  keep({
    title: `${tabs} tabs, one expiry: ${title}`,
    unit,
    how: note,
    contenders,
    samples: Object.values(told).map((figures) => figures.slice(1).map(figure)),
    goals: goals.map((goal) => ({ of: 'shelflife', ...goal })),
  });

tableOf('requests', '', ({ requests }) => requests, [{ text: 'one request', most: 1 }]);
tableOf('tabs without the new token four seconds later', '', ({ without }) => without, [
  { text: 'none', most: 0 },
]);
tableOf(
  'from the first answer until the last tab that got it',
  'µs',
  ({ spread }) => spread * 1000,
  [{ text: 'within 250 ms', most: 250_000 }],
  'Tabs that did not get it are not counted here.',
);
