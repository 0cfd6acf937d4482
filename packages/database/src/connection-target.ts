import { urlsOfHosts } from '@floodgate/runtime'
import { parse, toClientConfig } from 'pg-connection-string'

type ClientConfig = ReturnType<typeof toClientConfig>

/** Parameters that are ours to handle: the driver would pass them on, or reject them. */
const OWN_PARAMETERS = ['target_session_attrs', 'uselibpqcompat']

const targetsOfUrl = new Map<string, readonly ClientConfig[]>()

/**
 * Returns the driver's options for each host of a URL, in their order. `sslmode` and the files of certificates have the
 * meaning of libpq (https://www.postgresql.org/docs/current/libpq-ssl.html): `require` encrypts and verifies nothing,
 * `verify-ca` verifies the authority, `verify-full` the host name too. Reads the files at the first call alone: files
 * that are being replaced must not keep a running process from a new connection.
 */
export function connectionTargets(url: string): readonly ClientConfig[] {
  const targets = targetsOfUrl.get(url) ?? readTargets(url)
  targetsOfUrl.set(url, targets)
  // The driver changes the options of TLS that it is given.
  return targets.map((target) => ({ ...target, ...(typeof target.ssl === 'object' && { ssl: { ...target.ssl } }) }))
}

function readTargets(url: string): readonly ClientConfig[] {
  return urlsOfHosts(url).map((each) => toClientConfig(parse(withoutOwnParameters(each), { useLibpqCompat: true })))
}

function withoutOwnParameters(url: string): string {
  const [base = '', query] = url.split(/\?(.*)/s, 2)
  if (query === undefined) return url
  const kept = query.split('&').filter((pair) => !OWN_PARAMETERS.includes(pair.split('=', 1)[0] ?? ''))
  return kept.length === 0 ? base : `${base}?${kept.join('&')}`
}
