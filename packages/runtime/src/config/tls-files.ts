import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { hasSoundCertificates } from './certificates.ts'

/** Paths of PEM files; undefined or empty: not set. */
export interface TlsFiles {
  readonly caFile: string | undefined
  readonly certFile: string | undefined
  readonly keyFile: string | undefined
}

/** Their content, as options of a TLS connection. */
export interface TlsPem {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/**
 * Returns what can never work about the settings `PREFIX_CA_FILE`, `PREFIX_CERT_FILE` and `PREFIX_KEY_FILE`, whatever
 * the files contain. Pure.
 */
export function tlsFileContradictions(prefix: string, { certFile, keyFile }: TlsFiles): readonly string[] {
  if (Boolean(certFile) === Boolean(keyFile)) return []
  return [`${prefix}_CERT_FILE and ${prefix}_KEY_FILE belong together: one of them is not set.`]
}

/**
 * Reads the files of these settings, and returns everything that is wrong about them as well: unreadable, not in PEM,
 * damaged, or a key that belongs to another certificate.
 */
export function readTlsFiles(
  prefix: string,
  { caFile, certFile, keyFile }: TlsFiles,
): { readonly pem: TlsPem; readonly problems: readonly string[] } {
  const { ca, problems: ofAuthorities } = readAuthorities(`${prefix}_CA_FILE`, caFile)
  const problems = [...ofAuthorities]
  const [cert, key] = [
    readPem(`${prefix}_CERT_FILE`, certFile, problems),
    readPem(`${prefix}_KEY_FILE`, keyFile, problems),
  ]
  const own = { ...(cert && { cert }), ...(key && { key }) }
  if (cert && key && !isUsable(own))
    problems.push(`${prefix}_CERT_FILE and ${prefix}_KEY_FILE are damaged, or do not belong together.`)
  return { pem: { ...(ca && { ca }), ...own }, problems }
}

/** Reads a file of authorities, whose setting is called `name`, and returns what is wrong about it as well. */
export function readAuthorities(
  name: string,
  path: string | undefined,
): { readonly ca: string | undefined; readonly problems: readonly string[] } {
  const problems: string[] = []
  const ca = readPem(name, path, problems)
  if (ca && !hasSoundCertificates(ca)) problems.push(`${name} is damaged.`)
  return { ca, problems }
}

/** Returns the content, or undefined and what is wrong in `problems`. */
function readPem(name: string, path: string | undefined, problems: string[]): string | undefined {
  if (!path) return undefined
  try {
    const text = readFileSync(path, 'utf8')
    // Node ignores a file of authorities without certificates, and then trusts none.
    if (text.includes('-----BEGIN ')) return text
    problems.push(`${name} is no PEM file.`)
  } catch (error) {
    problems.push(`${name} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`)
  }
  return undefined
}

function isUsable(pem: TlsPem): boolean {
  try {
    createSecureContext(pem)
    return true
  } catch {
    return false
  }
}
