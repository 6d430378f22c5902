/** Replaces every secret of eight characters and more in a text, as it is and URL-encoded. */
export function redact(text: string, secrets: readonly string[]): string {
  for (const secret of secrets) {
    if (secret.length < 8) continue;
    const form = new URLSearchParams({ '': secret }).toString().slice(1);
    for (const spelling of [secret, form, form.replaceAll('+', '%20')])
      text = text.replaceAll(spelling, '[redacted]');
  }
  return text;
}
