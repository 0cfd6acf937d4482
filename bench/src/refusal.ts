/** Why a bench did not even begin, in words for whoever asked for it. Codes as in sysexits.h. */
export const exitCodes = {
  usage: 64,
  unavailable: 69,
  'cannot-create': 73,
  protocol: 76,
  'no-permission': 77,
} as const

/** Thrown before anything was loaded or created; `npm run bench` prints its message alone and exits with its code. */
export class BenchRefusal extends Error {
  override readonly name = 'BenchRefusal'
  readonly exitCode: number

  constructor(kind: keyof typeof exitCodes, message: string) {
    super(message)
    this.exitCode = exitCodes[kind]
  }
}
