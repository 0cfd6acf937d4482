/** An app gave no response; the message names it. */
export class NoResponse extends Error {
  override readonly name = 'NoResponse'
}
