import { readFileSync } from 'node:fs'
import { hasSoundCertificates } from './certificates.ts'
import { type UrlRules, urlProblem } from './url-rules.ts'

/** Scheme and credentials, the hosts, and the rest. Several hosts are no URL of the WHATWG, but libpq's. */
const PARTS = /^([a-z]+:\/\/(?:[^/?#@]*@)?)([^/?#]*)(.*)$/is
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full']
const FILES = ['sslrootcert', 'sslcert', 'sslkey'] as const

/** Returns one URL for each host of a database's URL: `postgres://user@a:5432,b:5432/shop` names two. */
export function urlsOfHosts(url: string): readonly string[] {
  const [, before = '', hosts = '', after = ''] = PARTS.exec(url) ?? []
  return hosts.includes(',') ? hosts.split(',').map((host) => `${before}${host}${after}`) : [url]
}

/**
 * Returns why no database can be reached by this URL, or undefined: each of its hosts, and the parameters of TLS and of
 * the choice among hosts, which have the names and meanings of libpq. The reasons contain nothing of the URL.
 */
export function databaseUrlProblem(value: string, rules: UrlRules): string | undefined {
  const urls = urlsOfHosts(value)
  const severalNeedHosts = urls.length > 1 ? { ...rules, mayLackHost: false } : rules
  for (const url of urls) {
    const problem = urlProblem(url, severalNeedHosts)
    if (problem !== undefined) return problem
  }
  return parameterProblem(new URL(urls[0] ?? value).searchParams)
}

function parameterProblem(parameters: URLSearchParams): string | undefined {
  const mode = parameters.get('sslmode')
  if (mode !== null && !SSL_MODES.includes(mode)) return `must have an sslmode of ${SSL_MODES.join(', ')}`
  const target = parameters.get('target_session_attrs')
  if (target !== null && target !== 'read-write' && target !== 'primary')
    return 'must have target_session_attrs=read-write, or none: only the primary can serve'
  const files = FILES.filter((name) => parameters.has(name))
  if (files.length > 0 && (mode === null || mode === 'disable'))
    return `must have an sslmode besides ${files.join(' and ')}`
  if (mode === 'verify-ca' && !parameters.has('sslrootcert'))
    return 'must have sslrootcert besides sslmode=verify-ca: a public CA issues certificates to anybody'
  if (parameters.has('sslcert') !== parameters.has('sslkey')) return 'must have both sslcert and sslkey, or neither'
  const texts = new Map(files.map((name) => [name, readOrUndefined(parameters.get(name) ?? '')]))
  const unreadable = files.find((name) => texts.get(name) === undefined)
  if (unreadable !== undefined) return `must name a readable file as ${unreadable}`
  const authorities = texts.get('sslrootcert')
  if (authorities !== undefined && !hasSoundCertificates(authorities))
    return 'must name a file with certificates in PEM as sslrootcert: it has none, or one is damaged'
  return undefined
}

function readOrUndefined(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
