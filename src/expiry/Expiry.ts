import type { ShelflifeError } from '../errors/ShelflifeError.js';

/**
 * Where credentials stand: `loading` (storage has not answered yet, or can't be read), `absent` (nothing stored),
 * `queued` (for refresh: expiry unknown, no access token, or invalidated), `fresh`, `expiring` (within the leeway
 * of expiry), `expired`.
 */
export type ExpiryStatus = 'loading' | 'absent' | 'queued' | 'fresh' | 'expiring' | 'expired';

/** The expiry of an entry at one moment. */
export interface Expiry {
  readonly status: ExpiryStatus;
  /** `issued_at` + `expires_in`; `null` where there is no deadline. */
  readonly expiresAt: Date | null;
  /** Whether a refresh is under way in this context. */
  readonly refreshing: boolean;
  /** Why the last refresh or read failed. */
  readonly error: ShelflifeError | undefined;
}

/** What the stored envelope can say beside the credentials, seen by every tab and process. */
export type Mark = 'queued' | 'used-as-is';
