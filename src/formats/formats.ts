import type { FormatName } from './Format.js';
import { knownFormats } from './knownFormats.js';

/**
 * The formats that `readFormat` and `writeFormat` know, for a menu or a message.
 *
 * `writable`: both tokens, `issued_at` and `expires_in` can be written, and read back as they were. Of the others,
 * `writeFormat` writes the credentials they have a place for.
 *
 * @example
 * ```ts
 * for (const { name, title } of formats) console.log(`${name}: ${title}`);
 * ```
 */
export const formats: readonly {
  readonly name: FormatName;
  readonly title: string;
  readonly writable: boolean;
}[] = /* @__PURE__ */ knownFormats.map(({ name, title, writable }) => ({ name, title, writable }));
