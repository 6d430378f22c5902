export interface PageServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the page, the built package and the packages it imports, on loopback: no bundler has a part in it. */
export function startPageServer(options: {
  readonly port?: number;
  readonly issuer: string;
  readonly clientId: string;
  /** Seconds, default 3. */
  readonly leeway?: number;
  /** Whose files are the page, as a file URL; default: the example's. */
  readonly folder?: URL | string;
}): Promise<PageServer>;
