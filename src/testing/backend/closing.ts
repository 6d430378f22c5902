import type { Bench, ConformanceTest } from './bench.js';
import { demand, demandSame, show } from './demand.js';
import { within } from './within.js';

export const closingTests: readonly ConformanceTest[] = [
  {
    title: 'can be closed twice, and used again afterwards',
    async run(bench) {
      if (!bench.backend.close) return;
      await bench.write(bench.key(), 'before');
      await close(bench);
      await close(bench);
      const kept = await bench.read(bench.key());
      demand(
        kept === 'before' || (kept === undefined && !bench.backend.persistent),
        'A persistent backend still has its values after close()',
        `get() read ${show(kept)}`,
      );
      await bench.write(bench.key(), 'after');
      demandSame(await bench.read(bench.key()), 'after', 'A closed backend can be used again');
    },
  },
  {
    title: 'can be closed without ever having been used',
    async run(bench) {
      await close(bench);
    },
  },
];

async function close({ backend }: Bench): Promise<void> {
  await within('close()', () => backend.close?.());
}
