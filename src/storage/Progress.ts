/** How far a long work over many keys has come. */
export interface Progress {
  /** Keys that are dealt with. */
  readonly done: number;
  /** Keys in all. */
  readonly total: number;
  /** The keys that could not be dealt with; they are left as they were. */
  readonly failed: readonly string[];
}
