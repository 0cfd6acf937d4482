import { readFileSync } from 'node:fs'
import { type ConnectionOptions, checkServerIdentity, createSecureContext } from 'node:tls'
import { ConfigurationError, hasSoundCertificates, type RedisTls } from '@floodgate/runtime'

/**
 * Reads the files of a TLS connection. Throws ConfigurationError for one that cannot be read, and for certificates and
 * keys that cannot work, such as a key of another certificate.
 */
export function tlsOptionsOf({ ca, cert, key, serverName, checksName }: RedisTls): ConnectionOptions {
  const files = {
    ...(ca === undefined ? {} : { ca: readPem('ca', ca) }),
    ...(cert === undefined ? {} : { cert: readPem('cert', cert) }),
    ...(key === undefined ? {} : { key: readPem('key', key) }),
  }
  if (files.ca !== undefined && !hasSoundCertificates(files.ca))
    throw new ConfigurationError('REDIS_URL: the file of parameter ca has no certificate, or a damaged one.')
  try {
    createSecureContext(files)
  } catch (error) {
    throw new ConfigurationError(`REDIS_URL: the certificates cannot be used: ${messageOf(error)}`)
  }
  return {
    ...files,
    ...(serverName === undefined ? {} : { servername: serverName, checkServerIdentity: checkAs(serverName) }),
    ...(checksName ? {} : { checkServerIdentity: () => undefined }),
  }
}

/** Node checks the name of the host when that is an IP address, whatever `servername` says. */
function checkAs(serverName: string): NonNullable<ConnectionOptions['checkServerIdentity']> {
  return function checkName(_, certificate) {
    return checkServerIdentity(serverName, certificate)
  }
}

function readPem(parameter: string, path: string): string {
  let content: string
  try {
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigurationError(`REDIS_URL: the file of parameter ${parameter} cannot be read: ${messageOf(error)}`)
  }
  if (!content.includes('-----BEGIN '))
    throw new ConfigurationError(`REDIS_URL: the file of parameter ${parameter} is not in PEM format.`)
  return content
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
