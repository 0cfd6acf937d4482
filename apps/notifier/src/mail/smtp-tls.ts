import { isIP } from 'node:net'
import { tlsFileContradictions } from '@floodgate/runtime'

/** The values of `SMTP_TLS`, the default first. */
export const SMTP_TLS_MODES = ['auto', 'none', 'starttls', 'implicit'] as const

export interface SmtpTlsSettings {
  readonly smtpUrl: string
  readonly smtpTls: (typeof SMTP_TLS_MODES)[number]
  readonly smtpCaFile?: string | undefined
  readonly smtpCertFile?: string | undefined
  readonly smtpKeyFile?: string | undefined
  readonly smtpServerName?: string | undefined
}

/** `offered`: STARTTLS where the server offers it, else plain text. The others: as `SMTP_TLS`. */
export type SmtpTlsMode = 'none' | 'offered' | 'starttls' | 'implicit'

const HOST_NAME = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/i

/**
 * Returns how a connection is encrypted. Without `SMTP_TLS`, an `smtp:` URL requires STARTTLS (RFC 3207) as soon as it
 * has a password, or a setting of TLS is given: whoever removes the server's offer on the way gets neither. Pure.
 */
export function smtpTlsModeOf(settings: SmtpTlsSettings): SmtpTlsMode {
  if (settings.smtpTls !== 'auto') return settings.smtpTls
  if (isSmtps(settings)) return 'implicit'
  const { username, password } = new URL(settings.smtpUrl)
  return username !== '' || password !== '' || namesOfGiven(settings).length > 0 ? 'starttls' : 'offered'
}

/** Returns what can never work about the settings of the mail server. Pure. */
export function smtpContradictions(settings: SmtpTlsSettings): readonly string[] {
  const { smtpTls, smtpServerName: serverName } = settings
  return [
    ...(new URL(settings.smtpUrl).search === ''
      ? []
      : ['SMTP_URL has parameters, which have no effect: TLS has settings of its own (docs/deploy/mail.md).']),
    ...(isSmtps(settings) && (smtpTls === 'none' || smtpTls === 'starttls')
      ? [`SMTP_TLS is ${smtpTls}, and SMTP_URL begins with smtps://, which is TLS from the start.`]
      : []),
    ...(smtpTls === 'none' ? namesOfGiven(settings).map((name) => `${name} has no effect with SMTP_TLS=none.`) : []),
    ...tlsFileContradictions('SMTP', smtpTlsFiles(settings)),
    ...(serverName && (isIP(serverName) !== 0 || !HOST_NAME.test(serverName))
      ? ['SMTP_SERVER_NAME must be a host name: no address, no port and no URL.']
      : []),
  ]
}

export function smtpTlsFiles({ smtpCaFile: caFile, smtpCertFile: certFile, smtpKeyFile: keyFile }: SmtpTlsSettings) {
  return { caFile, certFile, keyFile }
}

function isSmtps({ smtpUrl }: SmtpTlsSettings): boolean {
  return new URL(smtpUrl).protocol === 'smtps:'
}

/** Returns the variables that describe a connection over TLS, where they are set. */
function namesOfGiven(settings: SmtpTlsSettings): string[] {
  const given = {
    SMTP_CA_FILE: settings.smtpCaFile,
    SMTP_CERT_FILE: settings.smtpCertFile,
    SMTP_KEY_FILE: settings.smtpKeyFile,
    SMTP_SERVER_NAME: settings.smtpServerName,
  }
  return Object.entries(given).flatMap(([name, value]) => (value ? [name] : []))
}
