/** Any one of a list, so that many spread over it; `undefined` where it is empty. */
export function pickOne<T>(list: readonly T[]): T | undefined {
  return list[Math.floor(Math.random() * list.length)];
}
