import { X509Certificate } from 'node:crypto'

const BEGINNING = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/g
const CERTIFICATE = /-----BEGIN [A-Z0-9 ]*CERTIFICATE-----.*?-----END [A-Z0-9 ]*CERTIFICATE-----/gs

/**
 * Tells whether a file of authorities, in PEM, has certificates and each of them can be read. Node ignores those that it
 * cannot read, and rejects every server when none is left. Pure.
 */
export function hasSoundCertificates(pem: string): boolean {
  const certificates = pem.match(CERTIFICATE) ?? []
  const beginnings = pem.match(BEGINNING) ?? []
  return beginnings.length > 0 && certificates.length === beginnings.length && certificates.every(isReadable)
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).subject !== undefined
  } catch {
    return false
  }
}
