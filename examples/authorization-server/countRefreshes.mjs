/** Counts what the refresh grant went through, so that a test can ask the server what it saw. */
export function countRefreshes(provider) {
  const counters = { refreshes: 0, refusals: 0, revokedFamilies: 0, presentations: new Map() };

  const presented = (context) => {
    const { grant_type: grantType, refresh_token: refreshToken } = context.oidc.params ?? {};
    if (grantType !== 'refresh_token') return false;
    counters.presentations.set(refreshToken, (counters.presentations.get(refreshToken) ?? 0) + 1);
    return true;
  };

  provider.on('grant.success', (context) => {
    if (presented(context)) counters.refreshes += 1;
  });
  provider.on('grant.error', (context) => {
    if (presented(context)) counters.refusals += 1;
  });
  provider.on('grant.revoked', (context) => {
    if (context.oidc.params?.grant_type === 'refresh_token') counters.revokedFamilies += 1;
  });
  return counters;
}
