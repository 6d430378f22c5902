/** The URL that a text or a URL (of this realm or another) spells; `undefined` where it is none. */
export function parseUrl(value: unknown): URL | undefined {
  try {
    return new URL(value as string);
  } catch {
    return undefined;
  }
}
