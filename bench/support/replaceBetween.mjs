/** Puts text between two markers `<!-- name -->`; `undefined` where the page has none. */
export function replaceBetween(page, name, text) {
  const marker = `<!-- ${name} -->`;
  const parts = page.split(marker);
  if (parts.length !== 3) return undefined;
  const [before, , after] = parts;
  return `${before}${marker}\n\n${text.trim()}\n\n${marker}${after}`;
}
