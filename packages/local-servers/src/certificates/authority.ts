import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Certificate } from './certificate.ts'
import { runOpenssl } from './openssl.ts'

const DAYS = '2'
const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** An authority for tests, whose certificates only those trust who name it. */
export interface Authority {
  /** Its own certificate, in PEM. */
  readonly certificateFile: string
  /**
   * Issues a certificate, valid for two days, for servers and clients. Its files are named after it: `NAME.pem`,
   * `NAME-key.pem`, and both in one in `NAME-both.pem`. `hosts` are DNS names; 127.0.0.1 is one of its addresses
   * unless `hosts` is given.
   */
  issue(name: string, options?: { readonly hosts?: readonly string[] }): Promise<Certificate>
}

/** Creates an authority in a directory. Throws MissingServer where openssl is missing. */
export async function createAuthority(directory: string, name = 'authority'): Promise<Authority> {
  const place = (file: string): string => join(directory, file)
  const [certificateFile, authorityKey] = [place(`${name}.pem`), place(`${name}-key.pem`)]
  await runOpenssl([
    ...['req', '-x509', ...EC_KEY, '-days', DAYS, '-subj', `/CN=${name}`],
    ...['-keyout', authorityKey, '-out', certificateFile],
  ])
  return {
    certificateFile,
    async issue(name, { hosts } = {}) {
      const [own, keyFile, bothFile] = [place(`${name}.pem`), place(`${name}-key.pem`), place(`${name}-both.pem`)]
      const names = hosts?.map((host) => `DNS:${host}`) ?? ['DNS:localhost', 'IP:127.0.0.1']
      await runOpenssl([
        ...['req', '-x509', ...EC_KEY, '-days', DAYS, '-subj', `/CN=${name}`],
        ...['-CA', certificateFile, '-CAkey', authorityKey, '-addext', `subjectAltName=${names.join(',')}`],
        ...['-addext', 'basicConstraints=critical,CA:FALSE', '-keyout', keyFile, '-out', own],
      ])
      const pem = await readFile(own, 'utf8')
      await writeFile(bothFile, `${pem}${await readFile(keyFile, 'utf8')}`, { mode: 0o600 })
      return { certificateFile: own, keyFile, bothFile, pem }
    },
  }
}
