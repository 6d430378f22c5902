import { User, UserManager, WebStorageStateStore } from 'oidc-client-ts';

const managerOf = (url) => {
  const manager = new UserManager({
    authority: location.origin,
    client_id: 'bench',
    redirect_uri: location.origin,
    metadata: {
      issuer: location.origin,
      authorization_endpoint: `${location.origin}/authorize`,
      token_endpoint: url,
    },
    userStore: new WebStorageStateStore({ store: localStorage }),
    automaticSilentRenew: true,
    // As late as shelflife is told to be; 0 is not taken.
    accessTokenExpiringNotificationTimeInSeconds: 1,
  });
  return manager;
};

globalThis.signIn = ({ expiresAt, url }) =>
  managerOf(url).storeUser(
    new User({
      access_token: 'old',
      refresh_token: 'first',
      token_type: 'Bearer',
      scope: 'openid',
      expires_at: Math.floor(expiresAt / 1000),
      profile: { sub: 'user' },
    }),
  );

globalThis.measure = async ({ url }) => {
  const manager = managerOf(url);
  manager.events.addUserLoaded(({ access_token: token }) => {
    if (token.startsWith('access-')) globalThis.heardAt ??= Date.now();
  });
  await manager.getUser();
  manager.startSilentRenew();
};
