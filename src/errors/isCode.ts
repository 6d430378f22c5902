/** Lower or upper case throughout, words joined by separators, or a number in digits. */
const code = /^([a-z]{1,20}([._/-][a-z]{1,20})*|[A-Z]{1,20}(_[A-Z\d]{1,20})*|\d{1,9})$/;

/** Whether a value is an error code, and nothing that could be a token: `invalid_grant`, `ERR_HTTP2_ERROR`, `40030`. */
export function isCode(value: unknown): value is string | number {
  return typeof value === 'number' ? Number.isInteger(value) : typeof value === 'string' && code.test(value);
}
