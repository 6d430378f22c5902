import { stringify } from 'superjson';
import { describe, expect, test } from 'vitest';
import { createCredentialStore, type CredentialsInput } from '../../src/index.js';
import { bareBackend, onlyKey, rejectionOf } from './support.js';

/** An entry whose stored text was changed by somebody else. */
async function stored(
  change: (valid: string) => string,
  credentials: CredentialsInput = { access_token: 'a' },
) {
  const values = new Map<string, string>();
  await createCredentialStore({ storage: bareBackend(values) })
    .entry()
    .set(credentials);
  const key = onlyKey(values);
  values.set(key, change(values.get(key)!));
  return { values, key, entry: createCredentialStore({ storage: bareBackend(values) }).entry() };
}

/** What superjson writes for an envelope with a member, made of a valid one. */
const withMember = (valid: string, member: unknown): string => {
  const { json } = JSON.parse(valid) as { json: { credentials: object } };
  return stringify({ ...json, credentials: { ...json.credentials, member } });
};

describe('a byte order mark, as editors put it before what they save', () => {
  test('before an envelope or bare credentials is read over', async () => {
    const date = new Date(1e12);
    const { entry } = await stored((valid) => `\uFEFF${valid}`, { access_token: 'a', issued_at: date });
    expect(await entry.get()).toEqual({ access_token: 'a', issued_at: date });
    const bare = await stored(() => '\uFEFF{"access_token":"b"}\r\n');
    expect(await bare.entry.get()).toEqual({ access_token: 'b' });
  });

  test('does not keep the record from being replaced, changed and deleted', async () => {
    const { entry, values, key } = await stored((valid) => `\uFEFF${valid}`);
    await entry.update((current) => ({ ...current, scope: 's' }));
    expect(await entry.get()).toEqual({ access_token: 'a', scope: 's' });
    expect(values.get(key)).not.toContain('\uFEFF');
    values.set(key, `\uFEFF${values.get(key)}`);
    await entry.delete();
    expect(values.size).toBe(0);
  });
});

describe('a stored text that stands for more than it looks', () => {
  test('by shared references, is a damaged record, known before a million values are made', async () => {
    // As superjson would write it, given the time: 30 lists, each with the next one in it twice.
    const levels = 30;
    const paths = Array.from({ length: levels }, (_, level) => `credentials.bomb${'.0'.repeat(level)}`);
    const equal = Object.fromEntries(paths.map((path) => [`${path}.0`, [`${path}.1`]]));
    const bomb = `${'['.repeat(levels)}["x"]${',null]'.repeat(levels)}`;
    const { entry, values, key } = await stored((valid) =>
      valid
        .replace('"access_token"', `"bomb":${bomb},"access_token"`)
        .replace(/\}$/, `,"meta":{"referentialEqualities":${JSON.stringify(equal)},"v":1}}`),
    );
    expect(values.get(key)!.length).toBeLessThan(10_000);
    expect(await rejectionOf(entry.get())).toMatchObject({ name: 'CorruptRecordError' });
  });

  test('by depth, is a damaged record, and the next `set` works', async () => {
    for (const levels of [101, 2000, 100_000]) {
      const deep = '['.repeat(levels) + ']'.repeat(levels);
      const { entry } = await stored((valid) =>
        valid.replace('"access_token"', `"deep":${deep},"access_token"`),
      );
      expect(await rejectionOf(entry.get())).toMatchObject({ name: 'CorruptRecordError' });
      await entry.set({ access_token: 'b' });
      expect(await entry.get()).toEqual({ access_token: 'b' });
    }
  });

  test('with an object that is there twice, is read as before', async () => {
    const twice = { x: 1 };
    const { entry } = await stored((valid) => withMember(valid, [twice, twice]));
    expect(await entry.get()).toEqual({ access_token: 'a', member: [{ x: 1 }, { x: 1 }] });
  });
});
