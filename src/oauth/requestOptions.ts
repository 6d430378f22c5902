import type { allowInsecureRequests, customFetch } from 'oauth4webapi';
import type { GrantOptions } from './GrantOptions.js';
import { isLoopback } from './isLoopback.js';
import type { OAuth4webapi } from './loadOAuth4webapi.js';

/** What the client library is told with each request to a URL. */
export function requestOptions(
  oauth: OAuth4webapi,
  options: GrantOptions,
  url: URL,
): Pick<GrantOptions, typeof customFetch | typeof allowInsecureRequests> {
  const replaced = options[oauth.customFetch];
  return {
    ...(replaced && { [oauth.customFetch]: replaced }),
    [oauth.allowInsecureRequests]: options[oauth.allowInsecureRequests] ?? isLoopback(url),
  };
}
