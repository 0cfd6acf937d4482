import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runOpenssl } from './openssl.ts'

const DAYS = '2'

/** A self-signed certificate in PEM, its key, and both in one file, as HAProxy requires. */
export interface Certificate {
  readonly certificateFile: string
  readonly keyFile: string
  readonly bothFile: string
  readonly pem: string
}

/** Creates a certificate for some host names, valid for two days. */
export async function makeCertificate(directory: string, hosts: readonly string[]): Promise<Certificate> {
  const [keyFile, certificateFile, bothFile] = ['key.pem', 'certificate.pem', 'both.pem'].map((name) =>
    join(directory, name),
  ) as [string, string, string]
  const names = [...hosts.map((host) => `DNS:${host}`), 'IP:127.0.0.1'].join(',')
  const request = ['req', '-x509', '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-days', DAYS]
  const about = ['-subj', '/CN=floodgate-test', '-addext', `subjectAltName=${names}`]
  const files = ['-keyout', keyFile, '-out', certificateFile]
  await runOpenssl([...request, ...about, ...files])
  const pem = await readFile(certificateFile, 'utf8')
  await writeFile(bothFile, `${pem}${await readFile(keyFile, 'utf8')}`, { mode: 0o600 })
  return { certificateFile, keyFile, bothFile, pem }
}
