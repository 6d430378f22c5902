import { readMember } from './summarizeCause.js';

/** RFC 6749 §5.2, and the codes of OpenID Connect Core §3.1.2.6 that ask for the user. */
const permanent = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'interaction_required',
  'login_required',
  'consent_required',
]);

/** The OAuth error code that makes a failure permanent, from wherever the usual HTTP and OAuth clients put it. */
export function permanentCode(failure: unknown): string | undefined {
  const response = readMember(failure, 'response');
  const places = [
    failure,
    readMember(failure, 'cause'),
    readMember(failure, 'data'),
    readMember(response, 'data'),
  ];
  const codes = [readMember(failure, 'code'), ...places.map((place) => readMember(place, 'error'))];
  return codes.find((code): code is string => permanent.has(code as string));
}
