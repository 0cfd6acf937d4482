import { urlsOfHosts } from '@floodgate/runtime'
import { parse, toClientConfig } from 'pg-connection-string'

type ClientConfig = ReturnType<typeof toClientConfig>

/** Parameters that are ours to handle: the driver would pass them on, or reject them. */
const OWN_PARAMETERS = ['target_session_attrs', 'uselibpqcompat']

/**
 * Returns the driver's options for each host of a URL, in their order. `sslmode` and the files of certificates have the
 * meaning of libpq (https://www.postgresql.org/docs/current/libpq-ssl.html): `require` encrypts and verifies nothing,
 * `verify-ca` verifies the authority, `verify-full` the host name too. Reads the files.
 */
export function connectionTargets(url: string): readonly ClientConfig[] {
  return urlsOfHosts(url).map((each) => toClientConfig(parse(withoutOwnParameters(each), { useLibpqCompat: true })))
}

function withoutOwnParameters(url: string): string {
  const [base = '', query] = url.split(/\?(.*)/s, 2)
  if (query === undefined) return url
  const kept = query.split('&').filter((pair) => !OWN_PARAMETERS.includes(pair.split('=', 1)[0] ?? ''))
  return kept.length === 0 ? base : `${base}?${kept.join('&')}`
}
