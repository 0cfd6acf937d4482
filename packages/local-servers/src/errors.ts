/** What a server on this machine can fail with; `code` is stable, the message names the next step. */
export type LocalServerErrorCode = 'missing-server' | 'server-failed'

/** A program that is needed is not installed and could not be; the message gives the ways out. */
export class MissingServer extends Error {
  static readonly code = 'missing-server' satisfies LocalServerErrorCode
  readonly code = MissingServer.code
  override readonly name = 'MissingServer'
}

/** A server ended or stayed mute while it should have become ready. */
export class ServerFailed extends Error {
  static readonly code = 'server-failed' satisfies LocalServerErrorCode
  readonly code = ServerFailed.code
  override readonly name = 'ServerFailed'
  /** What it said last, oldest first. */
  readonly lastLines: readonly string[]

  constructor(message: string, lastLines: readonly string[], cause?: unknown) {
    super(message, { cause })
    this.lastLines = lastLines
  }
}
