/** Errors of a local server; `code` is stable, the message names the next step. */
export type LocalServerErrorCode = 'missing-server' | 'server-failed'

/** A required program is not installed and could not be; the message lists the alternatives. */
export class MissingServer extends Error {
  static readonly code = 'missing-server' satisfies LocalServerErrorCode
  readonly code = MissingServer.code
  override readonly name = 'MissingServer'
}

/** A server exited or stayed silent while it should have become ready. */
export class ServerFailed extends Error {
  static readonly code = 'server-failed' satisfies LocalServerErrorCode
  readonly code = ServerFailed.code
  override readonly name = 'ServerFailed'
  /** Its last output, oldest line first. */
  readonly lastLines: readonly string[]

  constructor(message: string, lastLines: readonly string[], cause?: unknown) {
    super(message, { cause })
    this.lastLines = lastLines
  }
}
