import { isDeepEqual } from '../credentials/isDeepEqual.js';

/** A token cache of MSAL: sections (`Account`, `AccessToken`, …) of entities under their keys. */
export type TokenCacheState = Readonly<Record<string, unknown>>;

/** What one app changed since `base`, put onto what others wrote meanwhile: by entity, removals too. */
export function mergeCaches(
  base: TokenCacheState,
  mine: TokenCacheState,
  theirs: TokenCacheState,
): TokenCacheState {
  return mergeMembers(base, mine, theirs, (before, own, other) =>
    isSection(own) && isSection(other) ? mergeMembers(isSection(before) ? before : {}, own, other) : own,
  );
}

function mergeMembers(
  base: TokenCacheState,
  mine: TokenCacheState,
  theirs: TokenCacheState,
  mergeChanged: (before: unknown, own: unknown, other: unknown) => unknown = (_before, own) => own,
): TokenCacheState {
  const names = new Set([...Object.keys(theirs), ...Object.keys(mine)]);
  return Object.fromEntries(
    [...names].flatMap((name) => {
      const [before, own, other] = [base, mine, theirs].map((state) =>
        Object.hasOwn(state, name) ? state[name] : undefined,
      );
      const merged = isDeepEqual(before, own) ? other : mergeChanged(before, own, other);
      return merged === undefined ? [] : [[name, merged]];
    }),
  );
}

function isSection(value: unknown): value is TokenCacheState {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
