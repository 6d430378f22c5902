import type { Lease } from '../../storage/StorageBackend.js';
import type { Bench, ConformanceTest } from './bench.js';
import { demand, show, showAll } from './demand.js';
import { pause, within } from './within.js';

/** Long enough for a backend that asks again and again whether the lease is free. */
const LONG_ENOUGH_TO_WAIT = 100;
const ABORT_BOUND = 2000;

export const leaseTests: readonly ConformanceTest[] = [
  {
    title: 'grants a lease that holds until it is released',
    async run(bench) {
      const lease = await ask(bench, bench.key());
      if (!lease) return;
      demand(
        lease.signal instanceof AbortSignal && !lease.signal.aborted,
        'A lease has a signal that is not aborted while it is held',
        `it is ${lease.signal instanceof AbortSignal ? 'aborted' : show(lease.signal)}`,
      );
      await release(lease);
    },
  },
  {
    title: 'grants a lease to one holder at a time',
    async run(bench) {
      if (!bench.backend.lease) return;
      const key = bench.key();
      let holders = 0;
      let most = 0;
      await Promise.all(
        Array.from({ length: 5 }, async () => {
          const lease = await ask(bench, key);
          holders += 1;
          most = Math.max(most, holders);
          await pause(10);
          holders -= 1;
          if (lease) await release(lease);
        }),
      );
      demand(most === 1, 'One at a time holds the lease of a key', `${most} held it at once`);
    },
  },
  {
    title: 'grants a released lease to the one who waits',
    async run(bench) {
      const first = await ask(bench, bench.key());
      if (!first) return;
      let granted = false;
      const waiting = ask(bench, bench.key()).then((lease) => {
        granted = true;
        return lease;
      });
      await pause(LONG_ENOUGH_TO_WAIT);
      demand(!granted, 'A second holder waits until the first one releases', 'it did not wait');
      await release(first);
      const second = await waiting;
      if (second) await release(second);
    },
  },
  {
    title: 'takes a lease back once, however often it is released',
    async run(bench) {
      const first = await ask(bench, bench.key());
      if (!first) return;
      await release(first);
      const second = await ask(bench, bench.key());
      await release(first);
      let granted = false;
      const waiting = ask(bench, bench.key()).then((lease) => {
        granted = true;
        return lease;
      });
      await pause(LONG_ENOUGH_TO_WAIT);
      demand(
        !granted,
        'A second release of the same lease does nothing',
        'it gave away the lease of the next holder',
      );
      if (second) await release(second);
      const third = await waiting;
      if (third) await release(third);
    },
  },
  {
    title: 'stops waiting for a lease when the signal says so',
    async run(bench) {
      const held = await ask(bench, bench.key());
      if (!held) return;
      const controller = new AbortController();
      const waiting = outcome(bench, controller.signal);
      await pause(LONG_ENOUGH_TO_WAIT);
      controller.abort(new Error('enough'));
      const result = await within('A lease() whose signal was aborted', () => waiting, ABORT_BOUND);
      demand(
        result === 'rejected',
        'Waiting for a lease rejects when its signal is aborted',
        `it was ${result}`,
      );
      const atOnce = await within(
        'A lease() whose signal is aborted already',
        () => outcome(bench, AbortSignal.abort(new Error('enough'))),
        ABORT_BOUND,
      );
      demand(atOnce === 'rejected', 'lease() with an aborted signal rejects', `it was ${atOnce}`);
      await release(held);
      const next = await ask(bench, bench.key());
      demand(next !== undefined, 'A waiter that gave up leaves the lease to others', 'it kept it');
      await release(next);
    },
  },
  {
    title: 'leases different keys independently',
    async run(bench) {
      const one = await ask(bench, bench.key('one'));
      if (!one) return;
      const other = await ask(bench, bench.key('other'));
      if (other) await release(other);
      await release(one);
    },
  },
  {
    title: 'reads and writes a leased key',
    async run(bench) {
      const lease = await ask(bench, bench.key());
      if (!lease) return;
      await bench.write(bench.key(), 'value');
      const value = await bench.read(bench.key());
      demand(
        value === 'value',
        'A lease is in nobody\u2019s way to read and write',
        `get() read ${show(value)}`,
      );
      const listed = await bench.list(bench.prefix);
      demand(listed.length === 1, 'A lease is not listed among the keys', `keys() listed ${showAll(listed)}`);
      await release(lease);
    },
  },
];

async function ask({ backend }: Bench, key: string): Promise<Lease | undefined> {
  const giveUp = new AbortController();
  try {
    return await within('lease()', () => backend.lease?.(key, { signal: giveUp.signal }));
  } catch (error) {
    giveUp.abort(error);
    throw error;
  }
}

async function release(lease: Lease): Promise<void> {
  await within('release()', () => lease.release());
}

async function outcome({ backend, key }: Bench, signal: AbortSignal): Promise<'granted' | 'rejected'> {
  try {
    const lease = await backend.lease?.(key(), { signal });
    await lease?.release();
    return 'granted';
  } catch {
    return 'rejected';
  }
}
