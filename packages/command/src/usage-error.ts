/** An invalid command line or setting; its message is for the operator. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
