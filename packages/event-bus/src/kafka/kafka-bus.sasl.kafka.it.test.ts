import { readFile } from 'node:fs/promises'
import { KAFKA_ADMIN, ownSecureKafka } from '@floodgate/testkit'
import { describeConformance } from '../conformance/describe-conformance.ts'

/** The minimum of a broker by default (`group.min.session.timeout.ms`). */
const SESSION_TIMEOUT_MS = 6_000

describeConformance('Kafka over TLS with a password', async () => {
  const server = await ownSecureKafka()
  const tls = { ca: await readFile(server.security.caFile, 'utf8') }
  const sasl = { mechanism: 'scram-sha-512', ...KAFKA_ADMIN } as const
  const options = { kind: 'kafka', brokers: [server.url], security: { tls, sasl } } as const
  return {
    options: { ...options, sessionTimeoutMs: SESSION_TIMEOUT_MS },
    kill: server.kill,
    restart: server.restart,
    remove: server.remove,
  }
})
