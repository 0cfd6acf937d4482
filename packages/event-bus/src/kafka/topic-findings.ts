import { isEventTopic, partitionsUsed, type TopicSettings } from './topic-settings.ts'

/** A topic as the cluster has it. */
export interface TopicState {
  readonly topic: string
  readonly partitions: number
  /** Copies of the partition that has the fewest. */
  readonly replicas: number
  /** Undefined without the right `DESCRIBE_CONFIGS`. */
  readonly configs: ReadonlyMap<string, string> | undefined
}

export interface TopicFindings {
  /** Each one makes it impossible to publish, or contradicts a setting. */
  readonly problems: string[]
  /** Each one is a risk that the operator may have taken on purpose. */
  readonly warnings: string[]
}

/** Compares topics with what is required of them. Pure. */
export function judgeTopics(states: readonly TopicState[], settings: TopicSettings): TopicFindings {
  const findings = states.map((state) => judgeTopic(state, settings))
  return {
    problems: findings.flatMap(({ problems }) => problems),
    warnings: findings.flatMap(({ warnings }) => warnings),
  }
}

function judgeTopic(state: TopicState, settings: TopicSettings): TopicFindings {
  const { topic, partitions, replicas, configs } = state
  const { replicationFactor, minInsyncReplicas } = settings
  const used = partitionsUsed(topic, settings)
  const minInsync = Number(configs?.get('min.insync.replicas') ?? Number.NaN)
  const isCompacted = isEventTopic(topic) && configs?.get('cleanup.policy')?.includes('compact') === true
  const isOf = (count: number, thing: string): string => `${topic} has ${count} ${thing}${count === 1 ? '' : 's'}`
  return {
    problems: [
      ...(partitions < used ? [`${isOf(partitions, 'partition')}, and KAFKA_PARTITIONS is ${used}.`] : []),
      ...(replicas < replicationFactor
        ? [`${isOf(replicas, 'replica')}, and KAFKA_REPLICATION_FACTOR is ${replicationFactor}.`]
        : []),
      ...(minInsync < minInsyncReplicas
        ? [`${topic} has min.insync.replicas=${minInsync}, and KAFKA_MIN_INSYNC_REPLICAS is ${minInsyncReplicas}.`]
        : []),
      ...(minInsync > replicas
        ? [`${isOf(replicas, 'replica')} and min.insync.replicas=${minInsync}: no event could ever be published.`]
        : []),
      ...(isCompacted
        ? [`${topic} has cleanup.policy=compact, which deletes all but the last event of an order.`]
        : []),
    ],
    warnings: [
      ...(partitions > used ? [`${isOf(partitions, 'partition')}, of which KAFKA_PARTITIONS uses ${used}.`] : []),
      ...(replicas > 1 && minInsync === replicas
        ? [`${topic} has min.insync.replicas=${minInsync}, as many as replicas: it stops while any broker is down.`]
        : []),
      ...(replicas > 1 && minInsync === 1
        ? [`${topic} has min.insync.replicas=1: a broker that dies may take the last events with it.`]
        : []),
      ...(configs === undefined && minInsyncReplicas > 0
        ? [`${topic}: min.insync.replicas unknown; this user lacks DESCRIBE_CONFIGS.`]
        : []),
    ],
  }
}
