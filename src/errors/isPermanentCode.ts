/** RFC 6749 §5.2, and the codes of OpenID Connect Core §3.1.2.6 that ask for the user. */
const standard =
  /^(invalid_(request|client|grant|scope)|unauthorized_client|unsupported_grant_type|(interaction|login|consent)_required)$/;

/** Those of GitHub, HubSpot and Slack, which are spelled in either case. */
const usual = /^(bad_refresh_token|invalid_refresh_token|refresh_token_expired|token_revoked)$/i;

/** Whether an error code of the server means that the user has to sign in again. */
export function isPermanentCode(code: string | number, rejectedCodes: readonly string[]): boolean {
  const text = String(code);
  return standard.test(text) || usual.test(text) || rejectedCodes.includes(text);
}
