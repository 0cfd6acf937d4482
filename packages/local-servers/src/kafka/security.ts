import { mkdir, readFile } from 'node:fs/promises'
import { createAuthority } from '../certificates/authority.ts'
import type { Certificate } from '../certificates/certificate.ts'

/** How clients reach a broker that accepts only TLS with a user and a password, and denies whatever no ACL allows. */
export interface KafkaSecurity {
  /** Lines of server.properties. */
  readonly settings: Readonly<Record<string, string>>
  /** Arguments of `kafka-storage format` that create the users. */
  readonly users: readonly string[]
  /** The authority of the broker's certificate. */
  readonly caFile: string
  /** A certificate that the broker requests, but does not require, of clients. */
  readonly client: Certificate
}

/** The user who may do everything; brokers use it among themselves. */
export const KAFKA_ADMIN = { username: 'admin', password: 'admin-password' } as const
/** A user who may do nothing until an ACL allows it. */
export const KAFKA_GUEST = { username: 'guest', password: 'guest=p%20ssword' } as const

const PLAIN_LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule'
const SCRAM_LOGIN = 'org.apache.kafka.common.security.scram.ScramLoginModule'
const MECHANISMS = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'] as const
const USERS = [KAFKA_ADMIN, KAFKA_GUEST]

/**
 * Creates certificates and users for a broker in a directory: SASL_SSL with SCRAM-SHA-512, SCRAM-SHA-256 and PLAIN, and
 * ACLs that allow nothing by default. Throws MissingServer where openssl is missing.
 */
export async function createKafkaSecurity(directory: string): Promise<KafkaSecurity> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const authority = await createAuthority(directory)
  const [broker, client] = [await authority.issue('broker'), await authority.issue('client')]
  const listener = 'listener.name.sasl_ssl'
  const { username, password } = KAFKA_ADMIN
  const ownLogin = `username="${username}" password="${password}"`
  const plainUsers = USERS.map((user) => `user_${user.username}="${user.password}"`).join(' ')
  return {
    settings: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': broker.bothFile,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority.certificateFile,
      [`${listener}.ssl.client.auth`]: 'requested',
      'sasl.enabled.mechanisms': MECHANISMS.join(','),
      'sasl.mechanism.inter.broker.protocol': MECHANISMS[0],
      [`${listener}.scram-sha-512.sasl.jaas.config`]: `${SCRAM_LOGIN} required ${ownLogin};`,
      [`${listener}.scram-sha-256.sasl.jaas.config`]: `${SCRAM_LOGIN} required;`,
      [`${listener}.plain.sasl.jaas.config`]: `${PLAIN_LOGIN} required ${ownLogin} ${plainUsers};`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // ANONYMOUS: the controllers, whose port no client uses.
      'super.users': `User:${username};User:ANONYMOUS`,
    },
    users: USERS.flatMap((user) =>
      MECHANISMS.filter((mechanism) => mechanism !== 'PLAIN').flatMap((mechanism) => [
        '--add-scram',
        `${mechanism}=[name=${user.username},password="${user.password}"]`,
      ]),
    ),
    caFile: authority.certificateFile,
    client,
  }
}

/** Returns the options of a kafkajs client that may do everything. */
export async function adminLogin({ caFile }: KafkaSecurity) {
  return {
    ssl: { ca: await readFile(caFile, 'utf8') },
    sasl: { mechanism: 'scram-sha-512' as const, ...KAFKA_ADMIN },
  }
}
