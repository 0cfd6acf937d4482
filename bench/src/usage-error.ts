/** The exit codes of a bench that did not begin, as in sysexits.h. */
export const exitCodes = {
  usage: 64,
  unavailable: 69,
  'cannot-create': 73,
  protocol: 76,
  'no-permission': 77,
} as const

/** Thrown before anything was loaded or created; `npm run bench` prints only its message and exits with its code. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode: number

  constructor(kind: keyof typeof exitCodes, message: string) {
    super(message)
    this.exitCode = exitCodes[kind]
  }
}
