import { raceSignal, retry } from '@floodgate/async'
import { BUS_BACK_OFF } from '../delivery/back-off.ts'
import { Stopped } from '../errors.ts'
import { createDeadLetters } from '../letters/create-dead-letters.ts'
import { createMembers } from '../letters/members.ts'
import type { EventBus, SubscribeOptions, Subscription } from '../port.ts'
import { createKafkaClient, type KafkaClientOptions } from './kafka-client.ts'
import { createKafkaPublisher, topicMessagesOf } from './kafka-publisher.ts'
import { subscribeOnKafka } from './kafka-subscription.ts'
import { warnOfLetterPolicy } from './letter-policy.ts'
import { createKafkaLetterStore, type KafkaLetterStore } from './letter-store.ts'
import { createPublishHealth } from './publish-health.ts'
import { TOPIC_SETTINGS_DEFAULT, type TopicSettings } from './topic-settings.ts'
import { checkLeaders, ensureTopics, TopicsRefused } from './topics.ts'

export interface KafkaBusOptions extends KafkaClientOptions {
  readonly kind: 'kafka'
  /** Default: three partitions, and the replicas of the cluster. */
  readonly topics?: TopicSettings | undefined
  /**
   * Groups of this process, so that their dead-letter topics are checked together with the topics of events. Those of
   * other groups are checked when they subscribe.
   */
  readonly groups?: readonly string[] | undefined
  /** A consumer without a heartbeat for this long loses its partitions. Default 10 s; Kafka's minimum is 6 s. */
  readonly sessionTimeoutMs?: number
  /**
   * Called when a consumer ended permanently without being stopped: exit the process, so that it is restarted. Also
   * called, with a `ConfigurationError`, when the topics are not as required: nothing is published or consumed then.
   */
  onFatal(error: Error): void
}

const SESSION_TIMEOUT_MS = 10_000

/** Creates the bus on Kafka: an idempotent producer with `acks=all`, and one consumer per subscription. */
export function createKafkaBus(options: KafkaBusOptions): EventBus {
  const { clientId, log, sessionTimeoutMs = SESSION_TIMEOUT_MS } = options
  const kafka = createKafkaClient(options)
  const settings = options.topics ?? TOPIC_SETTINGS_DEFAULT
  const publisher = createKafkaPublisher(kafka, settings)
  const subscriptions = new Set<Subscription>()
  const members = createMembers()
  const letterStores = new Map<string, KafkaLetterStore>()
  const closing = new AbortController()
  const warned = new Set<string>()
  const publishing = createPublishHealth({
    async look() {
      await topicsExist
      await checkLeaders(kafka, settings)
    },
    signal: closing.signal,
  })
  function warnOnce(warning: string): void {
    if (warned.has(warning)) return
    warned.add(warning)
    log.warn({ clientId, warning }, 'Kafka topic at risk')
  }
  async function untilTopicsExist(groups: readonly string[]): Promise<void> {
    try {
      await retry(() => ensureTopics({ kafka, brokers: options.brokers, settings, onWarning: warnOnce }, groups), {
        backOff: BUS_BACK_OFF,
        signal: closing.signal,
        isRetriable: (error) => !(error instanceof TopicsRefused),
        onFailure(error) {
          publishing.note(String(error))
          log.warn({ clientId, error: String(error) }, 'Kafka unavailable; retrying')
        },
      })
      publishing.clear()
    } catch (error) {
      if (!(error instanceof TopicsRefused)) throw error
      publishing.note(error.message)
      log.error({ clientId, problems: error.problems }, 'Kafka topics refused')
      options.onFatal(error)
      // The process ends. Until then nothing is published.
      await raceSignal(new Promise<never>(() => undefined), closing.signal)
    }
  }
  const known = new Set(options.groups)
  const topicsExist = untilTopicsExist([...known])
  // Every call awaits this; without a call its rejection at close would have no listener.
  topicsExist.catch(() => undefined)

  return {
    kind: 'kafka',
    async publish(events, signal) {
      if (events.length === 0) return
      await publishing.during(async () => {
        await raceSignal(topicsExist, closing.signal, signal)
        await publisher.send(topicMessagesOf(events), signal)
      }, signal)
    },
    async subscribe(subscribeOptions: SubscribeOptions) {
      // With an unavailable cluster kafkajs retries for seconds, which a close does not wait for.
      await raceSignal(topicsExist, closing.signal)
      const { group } = subscribeOptions
      if (!known.has(group)) await raceSignal(untilTopicsExist([group]), closing.signal)
      void warnOfLetterPolicy({ kafka, brokers: options.brokers, log }, group)
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
    health() {
      const trouble = publishing.trouble()
      return trouble === undefined ? { ready: true } : { ready: false, detail: `Kafka: ${trouble}` }
    },
    async close() {
      closing.abort(new Stopped('The bus is closed.'))
      await Promise.all([...subscriptions].map((subscription) => subscription.stop()))
      await Promise.all([...letterStores.values()].map((store) => store.close()))
      await publisher.close()
    },
  }
}
