import { expireInTabs } from '../support/expireInTabs.mjs';

const tabs = 6;

/** The requests that several tabs make, all of which observe a token that expires. */
export async function countRequestsOfTabs() {
  const { requests, without } = await expireInTabs('shelflife', tabs, { peers: false });
  if (without > 0) throw new Error(`${without} of ${tabs} tabs did not get the new token.`);
  return { requests: { [`of ${tabs} tabs, for one expiry`]: requests } };
}
