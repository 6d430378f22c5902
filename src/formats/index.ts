export { formats } from './formats.js';
export { readFormat } from './readFormat.js';
export { writeFormat } from './writeFormat.js';
export type { FormatName } from './Format.js';
