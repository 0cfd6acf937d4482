import type { Log } from '@floodgate/runtime'
import { Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs'

export interface KafkaClientOptions {
  readonly brokers: readonly string[]
  /** Default: no TLS, no password. */
  readonly security?: KafkaSecurityOptions | undefined
  /** Default: about 8 s in total. */
  readonly retry?: RetryOptions | undefined
  /** How long a broker may take to respond. Default 10,000. */
  readonly requestTimeoutMs?: number | undefined
  readonly clientId: string
  readonly log: Log
}

/** `tls` in PEM; an empty object trusts the authorities of Node. */
export interface KafkaSecurityOptions {
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined
  readonly sasl?:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
        readonly username: string
        readonly password: string
      }
    | undefined
}

const CONNECTION_TIMEOUT_MS = 3_000
const REQUEST_TIMEOUT_MS = 10_000
const LOG_INTERVAL_MS = 10_000
/** The limit is intended: each failure creates a new producer (see kafka-publisher.ts). */
const KNOWN_WARNING = 'Limiting retries for the idempotent producer'

/** Bounded to about 8 s in total. */
export const kafkaRetry = { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8 } as const

/** Creates the client for producers, consumers and admins: bounded retries, and its log lines as ours. */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, clientId, security, retry = kafkaRetry, requestTimeoutMs = REQUEST_TIMEOUT_MS, log } = options
  return new Kafka({
    ...loginOf(security),
    clientId,
    brokers: [...brokers],
    connectionTimeout: Math.min(CONNECTION_TIMEOUT_MS, requestTimeoutMs),
    requestTimeout: requestTimeoutMs,
    retry,
    logLevel: logLevel.WARN,
    logCreator: () => throttled(log, clientId),
  })
}

function loginOf({ tls, sasl }: KafkaSecurityOptions = {}): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return {
    ...(tls === undefined ? {} : { ssl: { ...tls } }),
    // kafkajs has one type for each mechanism.
    ...(sasl === undefined ? {} : { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
  }
}

/**
 * Passes on one line per part of kafkajs in ten seconds: while a broker is unavailable it writes two at each attempt.
 * All become warnings, even what kafkajs calls an error: it keeps retrying, and when it gives up, the call rejects.
 */
function throttled(log: Log, clientId: string): (entry: LogEntry) => void {
  const lastAtMs = new Map<string, number>()
  return function logThrottled({ namespace, log: line }) {
    if (line.message.startsWith(KNOWN_WARNING)) return
    const nowMs = performance.now()
    if (nowMs - (lastAtMs.get(namespace) ?? Number.NEGATIVE_INFINITY) < LOG_INTERVAL_MS) return
    lastAtMs.set(namespace, nowMs)
    const error = typeof line.error === 'string' ? { error: line.error } : {}
    log.warn({ clientId, namespace, ...error }, line.message)
  }
}
