import type { ConnectionOptions } from 'node:tls'
import { ConfigurationError, readTlsFiles } from '@floodgate/runtime'
import { type SmtpTlsSettings, smtpTlsFiles, smtpTlsModeOf } from './smtp-tls.ts'

export interface SmtpSettings extends SmtpTlsSettings {
  readonly smtpTimeoutMs: number
}

const CONNECT_MS_MAX = 5_000

/**
 * Returns the options of every connection to the mail server. The server may be silent for `smtpTimeoutMs`, less while
 * connecting. Reads the files of TLS, once; throws a ConfigurationError with everything that is wrong about them.
 */
export function smtpOptions(settings: SmtpSettings) {
  const { hostname, port, username, password } = new URL(settings.smtpUrl)
  const mode = smtpTlsModeOf(settings)
  const connectMsMax = Math.min(settings.smtpTimeoutMs, CONNECT_MS_MAX)
  return {
    host: hostname.replaceAll(/[[\]]/g, ''),
    ...(port === '' ? {} : { port: Number(port) }),
    auth:
      username === '' && password === ''
        ? undefined
        : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    secure: mode === 'implicit',
    requireTLS: mode === 'starttls',
    ignoreTLS: mode === 'none',
    tls: tlsOptionsOf(settings),
    dnsTimeout: connectMsMax,
    connectionTimeout: connectMsMax,
    greetingTimeout: connectMsMax,
    socketTimeout: settings.smtpTimeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function tlsOptionsOf(settings: SmtpTlsSettings): ConnectionOptions {
  const { pem, problems } = readTlsFiles('SMTP', smtpTlsFiles(settings))
  if (problems.length > 0) throw new ConfigurationError(problems)
  const { smtpServerName: servername } = settings
  return { ...pem, ...(servername ? { servername } : {}) }
}
