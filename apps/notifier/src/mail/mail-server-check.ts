import { type ConnectionCheck, failed, failedConnection } from '@floodgate/runtime'
import { createTransport } from 'nodemailer'
import { smtpFailure } from './smtp-failure.ts'
import { smtpOptions } from './smtp-options.ts'

const SETTING = 'SMTP_URL'

/** Returns the check of the mail server: connects, starts TLS and logs in as the sender does, and sends nothing. */
export function mailServerCheck(config: { readonly smtpUrl: string; readonly smtpTimeoutMs: number }): ConnectionCheck {
  return {
    name: 'mail server',
    setting: SETTING,
    async run(signal) {
      const transport = createTransport(smtpOptions({ url: config.smtpUrl, timeoutMs: config.smtpTimeoutMs }))
      signal.addEventListener('abort', () => transport.close(), { once: true })
      try {
        await transport.verify()
        return { kind: 'ok' }
      } catch (error) {
        const failure = smtpFailure(error)
        if (failure.kind === 'sender' && failure.cause === 'authentication')
          return failed(
            `the server rejected the login (${failure.detail})`,
            `Correct the user and password in ${SETTING}; in a URL, % is written %25 and @ is written %40.`,
          )
        return failedConnection(error, SETTING)
      } finally {
        transport.close()
      }
    },
  }
}
