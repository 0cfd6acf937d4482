import { raceSignal, retry } from '@floodgate/async'
import type { Log } from '@floodgate/runtime'
import { BUS_BACK_OFF } from '../delivery/back-off.ts'
import { Stopped } from '../errors.ts'
import { createDeadLetters } from '../letters/create-dead-letters.ts'
import { createMembers } from '../letters/members.ts'
import type { EventBus, SubscribeOptions, Subscription } from '../port.ts'
import { createKafkaClient } from './kafka-client.ts'
import { createKafkaPublisher, topicMessagesOf } from './kafka-publisher.ts'
import { subscribeOnKafka } from './kafka-subscription.ts'
import { warnOfLetterPolicy } from './letter-policy.ts'
import { createKafkaLetterStore, type KafkaLetterStore } from './letter-store.ts'
import { ensureTopics } from './topics.ts'

export interface KafkaBusOptions {
  readonly kind: 'kafka'
  readonly brokers: readonly string[]
  readonly clientId: string
  /** A consumer without a heartbeat for this long loses its partitions. Default 10 s; Kafka's minimum is 6 s. */
  readonly sessionTimeoutMs?: number
  /** Called when a consumer ended permanently without being stopped: exit the process, so that it is restarted. */
  onFatal(error: Error): void
  readonly log: Log
}

const SESSION_TIMEOUT_MS = 10_000

/** Creates the bus on Kafka: an idempotent producer with `acks=all`, and one consumer per subscription. */
export function createKafkaBus(options: KafkaBusOptions): EventBus {
  const { clientId, log, sessionTimeoutMs = SESSION_TIMEOUT_MS } = options
  const kafka = createKafkaClient(options)
  const publisher = createKafkaPublisher(kafka)
  const subscriptions = new Set<Subscription>()
  const members = createMembers()
  const letterStores = new Map<string, KafkaLetterStore>()
  const closing = new AbortController()
  let trouble: string | undefined = 'not connected yet'
  const untilTopicsExist = (groups: readonly string[]): Promise<void> =>
    retry(() => ensureTopics(kafka, groups), {
      backOff: BUS_BACK_OFF,
      signal: closing.signal,
      onFailure: (error) => log.warn({ clientId, error: String(error) }, 'Kafka unavailable; retrying'),
    })
  const topicsExist = untilTopicsExist([]).then(() => {
    trouble = undefined
  })
  // Every call awaits this; without a call its rejection at close would have no listener.
  topicsExist.catch(() => undefined)

  return {
    kind: 'kafka',
    async publish(events, signal) {
      if (events.length === 0) return
      try {
        await raceSignal(topicsExist, closing.signal, signal)
        await publisher.send(topicMessagesOf(events), signal)
        trouble = undefined
      } catch (error) {
        trouble = String(error)
        throw error
      }
    },
    async subscribe(subscribeOptions: SubscribeOptions) {
      // With an unavailable cluster kafkajs retries for seconds, which a close does not wait for.
      await raceSignal(topicsExist, closing.signal)
      await raceSignal(untilTopicsExist([subscribeOptions.group]), closing.signal)
      void warnOfLetterPolicy({ kafka, brokers: options.brokers, log }, subscribeOptions.group)
      const member = members.begin(subscribeOptions)
      const { gate } = member
      const joining = subscribeOnKafka({ ...options, sessionTimeoutMs, kafka, publisher, gate }, subscribeOptions)
      joining.then((late) => (closing.signal.aborted ? late.stop() : undefined)).catch(() => undefined)
      const subscription = members.until(await raceSignal(joining, closing.signal), member)
      subscriptions.add(subscription)
      return subscription
    },
    deadLetters(group) {
      const store = letterStores.get(group) ?? createKafkaLetterStore({ kafka, publisher, log }, group)
      letterStores.set(group, store)
      return createDeadLetters({ group, store, member: () => members.of(group), closing: closing.signal, log })
    },
    health: () => (trouble === undefined ? { ready: true } : { ready: false, detail: `Kafka: ${trouble}` }),
    async close() {
      closing.abort(new Stopped('The bus is closed.'))
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await Promise.all([...letterStores.values()].map((store) => store.close()))
      await publisher.close()
    },
  }
}
