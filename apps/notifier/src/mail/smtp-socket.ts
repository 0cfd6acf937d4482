import { connect, type LookupFunction } from 'node:net'

export interface SmtpSocketOptions {
  readonly connectMsMax: number
  /** Ends every connection. */
  readonly signal: AbortSignal
  /** Resolves the host. Default: as this machine does. */
  readonly lookup?: LookupFunction | undefined
}

interface Destination {
  readonly host?: string | undefined
  readonly port?: number | string | undefined
  readonly secure?: boolean | undefined
}

const PORT = 587
const PORT_OVER_TLS = 465

/**
 * Returns nodemailer's `getSocket`, which resolves the host for each connection. nodemailer itself keeps an address for
 * five minutes, so that a mail server that has moved, such as a restarted container, would get no mail until then.
 */
export function createGetSocket({ connectMsMax, signal, lookup }: SmtpSocketOptions) {
  return function getSocket(
    { host = 'localhost', port, secure }: Destination,
    done: (error: Error | null, socket: false | { connection: ReturnType<typeof connect> }) => void,
  ): void {
    const socket = connect({
      ...{ host, port: Number(port) || (secure ? PORT_OVER_TLS : PORT), signal },
      ...(lookup && { lookup }),
    })
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('The mail server cannot be reached.'), { code: 'ETIMEDOUT' })),
      connectMsMax,
    )
    function fail(error: Error): void {
      clearTimeout(timer)
      done(error, false)
    }
    socket.once('error', fail)
    socket.once('connect', () => {
      clearTimeout(timer)
      socket.off('error', fail)
      done(null, { connection: socket })
    })
  }
}
