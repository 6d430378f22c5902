/** Replaces every secret of eight characters and more in a text, as it is and URL-encoded. */
export function redact(text: string, secrets: readonly string[]): string {
  // The longest first: one may begin another, whose rest would stay.
  const long = secrets
    .filter((secret) => secret.length >= 8)
    .sort((left, right) => right.length - left.length);
  for (const secret of long) {
    const form = new URLSearchParams({ '': secret }).toString().slice(1);
    const component = form.replaceAll('+', '%20').replaceAll(/%(7E|2[1789])/g, decodeURIComponent);
    for (const spelling of [secret, form, component]) text = text.replaceAll(spelling, '[redacted]');
  }
  return text;
}
