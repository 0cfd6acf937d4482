import { Kafka, type LogEntry, logLevel } from 'kafkajs'
import type { Log } from '../log.ts'

export interface KafkaClientOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly log: Log
}

const CONNECTION_TIMEOUT_MS = 3_000
const REQUEST_TIMEOUT_MS = 10_000
const RETRY_MS_MIN = 100
const RETRY_MS_MAX = 2_000
const RETRIES_MAX = 8

/** The client everything else is made from: bounded retries (about 8 s), its log lines as ours. */
export function createKafkaClient({ brokers, clientId, log }: KafkaClientOptions): Kafka {
  return new Kafka({
    clientId,
    brokers: [...brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: RETRY_MS_MIN, maxRetryTime: RETRY_MS_MAX, retries: RETRIES_MAX },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => write(log, clientId, entry),
  })
}

/** kafkajs calls errors what it goes on to retry; what it gives up reaches us as a rejection or a crash event. */
function write(log: Log, clientId: string, { namespace, log: line }: LogEntry): void {
  const error = typeof line.error === 'string' ? line.error : undefined
  log.warn({ clientId, namespace, ...(error === undefined ? {} : { error }) }, line.message)
}
