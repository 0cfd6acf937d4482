import { getSystemErrorName } from 'node:util'
import { type Finding, failed } from './connection-check.ts'

const CAUSES_MAX = 8

interface Explanation {
  readonly problem: string
  advice(setting: string): string
}

const unknownAuthority: Explanation = {
  problem: 'its certificate was issued by an unknown authority',
  advice: (setting) => `Name the CA of the server that ${setting} names, or set NODE_EXTRA_CA_CERTS.`,
}
const unreachable: Explanation = {
  problem: 'no route to the host, or a firewall drops the packets',
  advice: (setting) => `Correct the host in ${setting}, or open the way to it.`,
}
const unknownHost: Explanation = {
  problem: 'the host name does not resolve',
  advice: (setting) => `Correct the host in ${setting}, or its DNS record.`,
}
const clientUnknown: Explanation = {
  problem: 'the server requires a client certificate that it trusts',
  advice: (setting) => `Name a client certificate for ${setting} whose issuer the server trusts.`,
}
const closed: Explanation = {
  problem: 'the server closed the connection',
  advice: (setting) => `Compare the port and the TLS mode of ${setting} with the server: one side may expect TLS.`,
}
const noTls: Explanation = {
  problem: 'the server does not speak TLS on this port',
  advice: (setting) => `Correct the port or the TLS mode in ${setting}.`,
}

/** Errors of sockets, DNS and TLS, by Node's and OpenSSL's codes. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ECONNREFUSED: {
    problem: 'connection refused: no server listens on this port',
    advice: (setting) => `Start the server, or correct ${setting}.`,
  },
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  ETIMEDOUT: unreachable,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ECONNRESET: closed,
  EPIPE: closed,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: clientUnknown,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientUnknown,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_HAS_EXPIRED: { problem: 'its certificate has expired', advice: () => 'Renew the certificate of the server.' },
  CERT_NOT_YET_VALID: {
    problem: 'its certificate is not valid yet',
    advice: () => 'Compare the clocks of both machines.',
  },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    problem: 'its certificate is for other host names',
    advice: (setting) => `Use a host name of the certificate in ${setting}.`,
  },
}

/**
 * Explains why a connection failed: an error of the network or of TLS in words, any other by its message. Reads the
 * causes of the error too, as `fetch` and drivers wrap the socket's error.
 */
export function failedConnection(error: unknown, setting: string): Finding {
  const all = causes(error)
  for (const known of all.flatMap(codesOf).map((code) => EXPLANATIONS[code]))
    if (known !== undefined) return failed(known.problem, known.advice(setting))
  const message = all.find((each) => typeof each.message === 'string' && each.message !== '')?.message
  return failed(String(message ?? error), `Correct ${setting}, or the server that it names.`)
}

interface Cause {
  readonly code?: unknown
  readonly originalCode?: unknown
  readonly errno?: unknown
  readonly message?: unknown
  readonly cause?: unknown
  readonly errors?: unknown
}

/**
 * Returns the codes of an error. A driver may replace the code, and leave the number of the system or, as nodemailer
 * does, the original code.
 */
function codesOf({ code, originalCode, errno }: Cause): string[] {
  const system = typeof errno === 'number' && errno < 0 ? [getSystemErrorName(errno)] : []
  return [code, originalCode, ...system].filter((each) => typeof each === 'string')
}

/** Returns the error and what it wraps, outermost first. */
function causes(error: unknown): Cause[] {
  const found: Cause[] = []
  const open: unknown[] = [error]
  while (open.length > 0 && found.length < CAUSES_MAX) {
    const each = open.shift()
    if (typeof each !== 'object' || each === null) continue
    const { cause, errors } = each as Cause
    found.push(each)
    open.push(cause, ...(Array.isArray(errors) ? errors : []))
  }
  return found
}
