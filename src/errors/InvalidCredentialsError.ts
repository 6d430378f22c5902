import { ShelflifeError, type ShelflifeErrorOptions } from './ShelflifeError.js';

/** Credentials were refused at the border: `member` says which member, the message what was expected. */
export class InvalidCredentialsError extends ShelflifeError {
  override name = 'InvalidCredentialsError' as const;
  override readonly code = 'ERR_INVALID_CREDENTIALS' as const;
  /** The member that was refused; `undefined` where the input as a whole was. */
  readonly member: string | undefined;

  constructor(
    message?: string,
    options: ShelflifeErrorOptions & { readonly member?: string | undefined } = {},
  ) {
    super(message, options);
    this.member = options.member;
  }
}
