import { expect, test } from 'vitest';
import { isSoak, longTimeout, makeWorkplace, unhandledIn } from './support.js';

test(
  'a reader beside a writer in another process sees only whole records, in order',
  {
    timeout: longTimeout,
  },
  async () => {
    const reads = isSoak ? 100_000 : 3000;
    const { openStore, start } = await makeWorkplace();
    const writer = await start();
    await writer.call('set', 'default', { access_token: 'kept' });
    const entry = openStore().entry();
    const observed: unknown[] = [];
    entry.credentials.subscribe((credentials) => observed.push(credentials));
    const writing = writer.call('write', 'default');
    await writer.told('written');

    let last = 0;
    let changes = 0;
    for (let read = 0; read < reads; read++) {
      const number = numberIn(await entry.get());
      if (number < last) expect.fail(`number ${number} was read after number ${last}`);
      if (number > last) changes++;
      last = number;
    }
    await writer.call('stopWriting');
    await writing;
    expect(changes).toBeGreaterThan(10);
    // What a signal delivered before the first read of storage was answered is none of the writer's.
    for (const credentials of observed.slice(1)) if (hasNumber(credentials)) numberIn(credentials);
    expect(observed.slice(1)).not.toContain(undefined);
    expect(unhandledIn([writer])).toEqual([]);
  },
);

interface Numbered {
  readonly first: number;
  readonly last: number;
  readonly filler: string;
  readonly access_token: string;
}

const hasNumber = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'first' in value;

/** The number of a record, once it was found to be whole. */
function numberIn(record: unknown): number {
  const { first, last, filler, access_token: token } = (record ?? {}) as Partial<Numbered>;
  const isWhole =
    token === 'kept' && first !== undefined && first === last && filler?.length === (first % 2 ? 20_000 : 10);
  if (!isWhole) expect.fail(`a record that is torn or absent: ${first}, ${last}, ${filler?.length}`);
  return first;
}
