/** What signals belong to: it keeps their values current while somebody observes. One object serves all signals. */
export interface SignalHost<Source> {
  /** Whether no more values will come. */
  isClosed(source: Source): boolean;
  /**
   * What values are made of, as it is now: while that is the same object, they depend on the time alone. `undefined`
   * where nobody can say.
   */
  basis(source: Source): object | undefined;
  /** Milliseconds since the epoch. */
  now(source: Source): number;
  /** A subscriber came: whatever keeps the value current starts, and who has not heard what is new is told. */
  observe(source: Source): void;
  /** A subscriber left. */
  unobserve(source: Source): void;
  /** Keeps the process alive until the returned function is called. */
  hold(source: Source): () => void;
  /** Takes an error that a listener threw. */
  reportListenerError(source: Source, error: unknown): void;
}

/** How the signals of one kind come by their values. */
export interface SignalKind<Source, T> {
  readonly host: SignalHost<Source>;
  /** What is rendered on a server. */
  readonly serverValue: T;
  evaluate(source: Source, now: number): T;
  /** When time alone may change the value that is evaluated now: milliseconds since the epoch. */
  validUntil(source: Source, now: number): number;
  /** What is handed out of a value that differs from the last one. */
  show(value: T): T;
}
