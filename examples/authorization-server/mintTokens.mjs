const accountId = 'ada';

/** What the user granted to a client: every token of one sign-in belongs to one grant, its family. */
export async function saveGrant(provider, { clientId, scope }) {
  const grant = new provider.Grant({ accountId, clientId });
  grant.addOIDCScope(scope);
  return { accountId, scope, grantId: await grant.save() };
}

/** A token endpoint's answer (RFC 6749 §5.1) without a browser: the tokens of a sign-in that just happened. */
export async function mintTokens(provider, { clientId, scope }) {
  const client = await provider.Client.find(clientId);
  const { grantId } = await saveGrant(provider, { clientId, scope });
  const origin = { client, accountId, grantId, scope, gty: 'authorization_code', expiresWithSession: false };
  const accessToken = new provider.AccessToken(origin);
  const refreshToken = new provider.RefreshToken({ ...origin, authTime: Math.floor(Date.now() / 1000) });
  return {
    access_token: await accessToken.save(),
    token_type: 'Bearer',
    expires_in: accessToken.expiration,
    refresh_token: await refreshToken.save(),
    scope,
  };
}
