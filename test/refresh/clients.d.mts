/** A client library that refreshes at a token endpoint, as its documentation says. */
export type Client = (endpoint: string, clientId: string, refreshToken: string) => Promise<unknown>;

/** By name: 16 client libraries, and plain fetch. */
export const clients: Readonly<Record<string, Client>>;
