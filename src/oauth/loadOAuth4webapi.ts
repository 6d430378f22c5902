import { RefreshFailedError } from '../errors/RefreshFailedError.js';

export type OAuth4webapi = typeof import('oauth4webapi');

/**
 * The optional peer, loaded with the first request: imported statically, a missing one would fail the import of this
 * module, where nobody can say what to do about it.
 */
export async function loadOAuth4webapi(): Promise<OAuth4webapi> {
  let oauth: Partial<OAuth4webapi>;
  try {
    oauth = await import('oauth4webapi');
  } catch (cause) {
    throw new RefreshFailedError(
      'shelflife/oauth could not load the package "oauth4webapi". Install it: npm install oauth4webapi@3',
      { cause },
    );
  }
  if (!isRecent(oauth)) {
    throw new RefreshFailedError(
      'shelflife/oauth needs version 3 of the package "oauth4webapi". Install it: npm install oauth4webapi@3',
    );
  }
  return oauth;
}

/** Version 3 made functions of client authentication and DPoP. */
function isRecent(oauth: Partial<OAuth4webapi>): oauth is OAuth4webapi {
  return typeof oauth.None === 'function' && typeof oauth.DPoP === 'function';
}
