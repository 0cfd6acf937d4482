import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface TlsMailServer {
  readonly port: number
  /** The logins and the mails that it received, in their order, each with what protected it. */
  readonly received: readonly { readonly what: 'login' | 'mail'; readonly over: 'TLS' | 'plain text' }[]
  stop(): Promise<void>
}

/**
 * Starts a mail server that accepts every login and every mail. `plain` does not know STARTTLS; `starttls` offers it and
 * requires nothing. With `clientCaFile` it accepts only clients with a certificate of that authority.
 */
export async function startTlsMailServer(
  speaks: 'plain' | 'starttls' | 'implicit',
  files: { readonly certificateFile: string; readonly keyFile: string; readonly clientCaFile?: string },
): Promise<TlsMailServer> {
  const received: TlsMailServer['received'][number][] = []
  const asksClients =
    files.clientCaFile === undefined
      ? {}
      : { ca: readFileSync(files.clientCaFile), requestCert: true, rejectUnauthorized: true }
  const server = new SMTPServer({
    ...{ cert: readFileSync(files.certificateFile), key: readFileSync(files.keyFile), ...asksClients },
    secure: speaks === 'implicit',
    disabledCommands: speaks === 'plain' ? ['STARTTLS'] : [],
    ...{ authOptional: true, allowInsecureAuth: true, disableReverseLookup: true, closeTimeout: 1_000 },
    onAuth(auth, session, done) {
      received.push({ what: 'login', over: session.secure ? 'TLS' : 'plain text' })
      done(null, { user: auth.username ?? '' })
    },
    onData(stream, session, done) {
      received.push({ what: 'mail', over: session.secure ? 'TLS' : 'plain text' })
      stream.on('end', done).resume()
    },
  })
  // Handshakes that fail are what the tests are about.
  server.on('error', () => undefined)
  const listening = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', listening.resolve)
  await listening.promise
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    async stop() {
      const closed = Promise.withResolvers<void>()
      server.close(closed.resolve)
      await closed.promise
    },
  }
}
