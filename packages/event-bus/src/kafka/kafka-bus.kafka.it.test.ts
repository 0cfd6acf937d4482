import { ownKafka } from '@floodgate/testkit'
import { describeConformance } from '../conformance/describe-conformance.ts'

/** The minimum of a broker by default (`group.min.session.timeout.ms`). */
const SESSION_TIMEOUT_MS = 6_000

describeConformance('Kafka', async () => {
  const server = await ownKafka()
  return {
    options: { kind: 'kafka', brokers: [server.url], sessionTimeoutMs: SESSION_TIMEOUT_MS },
    kill: server.kill,
    restart: server.restart,
    remove: server.remove,
  }
})
