import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromTokenResponse } from '../../src/credentials/fromTokenResponse.js';
import { expiryOf } from '../../src/expiry/expiryOf.js';
import { isShelflifeError } from '../../src/errors/isShelflifeError.js';
import { RefreshFailedError } from '../../src/errors/RefreshFailedError.js';
import { RefreshRejectedError } from '../../src/errors/RefreshRejectedError.js';
import { refusalOf } from './refusalOf.js';

const now = new Date('2026-07-01T10:00:00Z');
const sent = new Date('2026-07-01T09:59:58Z');
const response = { access_token: 'synthetic-access-token', token_type: 'Bearer', expires_in: 3600 };

beforeEach(() => {
  vi.useFakeTimers({ now });
});

afterEach(() => {
  vi.useRealTimers();
});

describe('the time of issue', () => {
  test('is now where neither the answer nor the caller says it', () => {
    expect(fromTokenResponse(response)).toEqual({ ...response, issued_at: now });
  });

  test('is the time before the request where the caller says it', () => {
    expect(fromTokenResponse(response, { issuedAt: sent }).issued_at).toEqual(sent);
  });

  test('stays as the answer has it, if it can be true', () => {
    for (const issued_at of [
      '2026-07-01T09:59:59Z',
      now,
      String(now.getTime()),
      new Date(now.getTime() + 60_000),
    ]) {
      const credentials = fromTokenResponse({ ...response, issued_at }, { issuedAt: sent });
      expect(credentials.issued_at).not.toEqual(sent);
    }
  });

  test('is the anchor where the answer lies more than a minute in the future', () => {
    const issued_at = new Date(now.getTime() + 60_001);
    expect(fromTokenResponse({ ...response, issued_at }, { issuedAt: sent }).issued_at).toEqual(sent);
  });

  test('is the anchor where the answer says null', () => {
    expect(fromTokenResponse({ ...response, issued_at: null }, { issuedAt: sent }).issued_at).toEqual(sent);
  });

  test('is a copy of the anchor', () => {
    const anchor = new Date(sent);
    const credentials = fromTokenResponse(response, { issuedAt: anchor });
    anchor.setTime(0);
    expect(credentials.issued_at).toEqual(sent);
  });
});

describe('the answer', () => {
  test('keeps all its members, is frozen, and is not changed itself', () => {
    const answer = { ...response, scope: ['a'], id_token: 'a.b.c' };
    const credentials = fromTokenResponse(answer);
    expect(credentials).toMatchObject(answer);
    expect(Object.isFrozen(credentials)).toBe(true);
    expect(answer).toEqual({ ...response, scope: ['a'], id_token: 'a.b.c' });
  });

  test('may have its lifetime as digits, or none', () => {
    expect(fromTokenResponse({ ...response, expires_in: '3599' }).expires_in).toBe(3599);
    expect(fromTokenResponse({ access_token: 'synthetic-access-token' })).not.toHaveProperty('expires_in');
  });

  test.each([
    {},
    { access_token: null },
    { access_token: 1 },
    { token: 'x' },
    { refresh_token: 'x', expires_in: 1 },
  ])('is refused without a string access_token: %o', (answer) => {
    expect(refusalOf(answer, fromTokenResponse).member).toBe('access_token');
  });

  test.each([undefined, null, 'access_token=x&expires_in=1', [], new Map(), Promise.resolve(response)])(
    'is refused when it is no plain object: %o',
    (answer) => {
      expect(refusalOf(answer, fromTokenResponse).member).toBeUndefined();
    },
  );

  test('is refused for an unusable member', () => {
    expect(refusalOf({ ...response, expires_in: -1 }, fromTokenResponse).member).toBe('expires_in');
  });
});

describe('a deadline in the answer', () => {
  const { access_token } = response;
  const left = 600;
  const deadline = new Date(now.getTime() + left * 1000);
  const seconds = deadline.getTime() / 1000;

  test.each([
    ['seconds', { expires_at: seconds }],
    ['seconds with a fraction', { expires_at: seconds + 0.25 }],
    ['seconds in digits', { expires_at: String(seconds) }],
    ['milliseconds', { expires_at: deadline.getTime() }],
    ['milliseconds in digits', { expires_at: String(deadline.getTime()) }],
    ['a date-time', { expires_at: '2026-07-01T12:10:00+02:00' }],
    ['a Date', { expires_at: deadline }],
    ["Azure's expires_on", { expires_on: String(seconds) }],
    ["Google's expiry_date", { expiry_date: deadline.getTime() }],
  ])('alone, as %s, leaves the lifetime that is left', (_, members) => {
    expect(fromTokenResponse({ access_token, ...members })).toEqual({
      access_token,
      ...members,
      issued_at: now,
      expires_in: left,
    });
  });

  test('beside the lifetime says when it was issued: a session read back after 50 minutes', () => {
    const session = { access_token, expires_in: 3600, expires_at: seconds, user: { id: 'u' } };
    const credentials = fromTokenResponse(session);
    expect(credentials).toEqual({ ...session, issued_at: new Date(now.getTime() - 3_000_000) });
    expect(expiryOf(credentials).expiresAt).toEqual(deadline);
  });

  test('beside the time of issue says how long it lasts', () => {
    const issued_at = new Date(now.getTime() - 60_000);
    expect(fromTokenResponse({ access_token, issued_at, expires_at: seconds }).expires_in).toBe(left + 60);
  });

  test('that is over leaves none', () => {
    const over = new Date(now.getTime() - 5000);
    const credentials = fromTokenResponse({ access_token, expires_at: over.toISOString() });
    expect(credentials).toMatchObject({ issued_at: over, expires_in: 0 });
    expect(expiryOf(credentials)).toMatchObject({ status: 'expired', expiresAt: over });
  });

  test('is not believed where it would lie further ahead than the lifetime says', () => {
    const credentials = fromTokenResponse({ access_token, expires_in: 60, expires_at: seconds });
    expect(credentials).toMatchObject({ issued_at: now, expires_in: 60 });
  });

  test('does not count beside a lifetime of null, or where it is none', () => {
    expect(fromTokenResponse({ access_token, expires_in: null, expires_at: seconds })).toMatchObject({
      issued_at: now,
      expires_in: null,
    });
    for (const expires_at of [0, 1, 3600, '3600', null, 'soon', '10/29/2026 10:00:00 AM +00:00', NaN, {}, -5])
      expect(fromTokenResponse({ access_token, expires_at })).not.toHaveProperty('expires_in');
  });
});

describe('an answer with an error', () => {
  test.each([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
  ])('of RFC 6749 §5.2, %s, becomes that error', (error) => {
    const thrown = thrownBy({ error, error_description: 'expired' });
    expect(thrown).toBeInstanceOf(RefreshRejectedError);
    expect(thrown.message).toContain(error);
  });

  test('is an error also where there is an access token', () => {
    expect(thrownBy({ ...response, error: 'invalid_grant' })).toBeInstanceOf(RefreshRejectedError);
  });

  test.each([
    ['GitHub', { error: 'bad_refresh_token', error_description: 'x', error_uri: 'y' }, 'bad_refresh_token'],
    ['Slack', { ok: false, error: 'invalid_refresh_token' }, 'invalid_refresh_token'],
    ['HubSpot', { status: 'BAD_REFRESH_TOKEN', message: 'x', correlationId: 'y' }, 'BAD_REFRESH_TOKEN'],
  ])('as %s has it is a rejection, with its code', (_, answer, code) => {
    expect(thrownBy(answer)).toMatchObject({ name: 'RefreshRejectedError', cause: { code } });
  });

  test.each([
    ['Zoho', { error: 'invalid_code' }, 'invalid_code'],
    ['WeChat', { errcode: 40030, errmsg: 'invalid refresh_token' }, 40030],
    ['Facebook', { error: { message: 'x', type: 'OAuthException', code: 190, error_subcode: 463 } }, 190],
  ])('as %s has it may pass, with its code', (_, answer, code) => {
    expect(thrownBy(answer)).toMatchObject({ name: 'RefreshFailedError', cause: { code } });
  });

  test('of another kind is one of ours too, and may pass', () => {
    const thrown = thrownBy({ error: 'temporarily_unavailable' });
    expect(thrown).toBeInstanceOf(RefreshFailedError);
    expect(thrown.retryable).toBe(true);
  });
});

test('an error that is no code is an error all the same, and is not quoted', () => {
  for (const error of [{ code: 1 }, ['x'], 1, 'refresh-token-0123456789'])
    expect(thrownBy({ access_token: 'access', error })).toMatchObject({ name: 'RefreshFailedError' });
  const thrown = thrownBy({ error: 'refresh-token-0123456789', code: 'invalid_grant' });
  expect(thrown.name).toBe('RefreshRejectedError');
  expect(thrown.message).not.toContain('0123456789');
  expect(fromTokenResponse({ ...response, error: null }).access_token).toBe(response.access_token);
});

test('a wrong option is a TypeError that names it', () => {
  for (const issuedAt of [new Date(NaN), NaN, 'yesterday', null, 1_700_000_000, '2026-01-01T00:00:00']) {
    expect(() => fromTokenResponse(response, { issuedAt: issuedAt as Date })).toThrow(TypeError);
    expect(() => fromTokenResponse(response, { issuedAt: issuedAt as Date })).toThrow('issuedAt');
  }
});

function thrownBy(answer: unknown) {
  try {
    fromTokenResponse(answer);
  } catch (error) {
    if (isShelflifeError(error)) return error;
    throw error;
  }
  throw new Error('It was taken');
}
