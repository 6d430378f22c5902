import type { Bench, ConformanceTest } from './bench.js';
import { demand, demandSame, showAll } from './demand.js';
import { within } from './within.js';

export const quarantineTests: readonly ConformanceTest[] = [
  {
    title: 'puts a copy in quarantine and leaves the value where it is',
    async run(bench) {
      if (!bench.backend.quarantine) return;
      await bench.write(bench.key(), 'damaged');
      await quarantine(bench);
      demandSame(await bench.read(bench.key()), 'damaged', 'quarantine() copies, the value stays');
      await demandHidden(bench);
    },
  },
  {
    title: 'replaces a quarantined value, as often as need be',
    async run(bench) {
      if (!bench.backend.quarantine) return;
      for (const value of ['damaged', 'damaged again']) {
        await bench.write(bench.key(), value);
        await quarantine(bench);
        const replaced = await bench.compareAndSet(bench.key(), value, `mended ${value}`);
        demandSame(replaced, true, 'A quarantined value can be replaced');
        await demandHidden(bench);
      }
    },
  },
  {
    title: 'deletes a key whose value was quarantined',
    async run(bench) {
      if (!bench.backend.quarantine) return;
      await bench.write(bench.key(), 'damaged');
      await quarantine(bench);
      const deleted = await bench.compareAndSet(bench.key(), 'damaged', undefined);
      demandSame(deleted, true, 'A quarantined value can be deleted');
      const listed = await bench.list(bench.prefix);
      demand(listed.length === 0, 'Nothing is left of a deleted key', `keys() listed ${showAll(listed)}`);
    },
  },
];

async function quarantine({ backend, key }: Bench): Promise<void> {
  await within('quarantine()', () => backend.quarantine?.(key()));
}

async function demandHidden({ list, key }: Bench): Promise<void> {
  const listed = await list('');
  const copies = listed.filter((other) => other !== key() && other.includes(key()));
  demand(copies.length === 0, 'keys() hides the quarantined copy', `it listed ${showAll(copies)}`);
  const times = listed.filter((other) => other === key()).length;
  demandSame(times, 1, 'keys() lists a key whose value was quarantined once');
}
