/** What a server on this machine can fail with; `code` is stable, the message names the next step. */
export type LocalServerErrorCode = 'missing-server' | 'port-in-use' | 'server-failed'

/** A program that is needed is not installed and could not be; the message gives the ways out. */
export class MissingServer extends Error {
  static readonly code = 'missing-server' satisfies LocalServerErrorCode
  readonly code = MissingServer.code
  override readonly name = 'MissingServer'
}

/** Somebody else listens where a server should; the message names who, as far as this user may see it. */
export class PortInUse extends Error {
  static readonly code = 'port-in-use' satisfies LocalServerErrorCode
  readonly code = PortInUse.code
  override readonly name = 'PortInUse'
  readonly port: number

  constructor(port: number, message: string) {
    super(message)
    this.port = port
  }
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
