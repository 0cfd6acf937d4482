import { Kafka, logLevel } from 'kafkajs'
import type { KafkaCluster } from './cluster.ts'
import type { KafkaServer } from './server.ts'

const MOVED_MS_MAX = 60_000
const LOOK_MS = 100

interface Partition {
  readonly partition: number
  readonly leader: number
  readonly replicas: readonly number[]
  readonly inSync: readonly number[]
}

/** Returns the broker that leads the first partition of a topic. */
export async function leaderOf(cluster: KafkaCluster, topic: string): Promise<KafkaServer> {
  const [first] = await partitionsOf(cluster, topic)
  const leader = cluster.nodes[(first?.leader ?? 0) - 1]
  if (leader === undefined) throw new Error(`${topic} has no leader.`)
  return leader
}

/** Waits until every replica of a topic is in sync. */
export function untilInSync(cluster: KafkaCluster, topic: string): Promise<void> {
  return untilAll(cluster, topic, ({ replicas, inSync }) => inSync.length === replicas.length)
}

/**
 * Moves every partition of a topic away from its leader: to its other replicas alone, and, once another broker leads
 * it, back to all of them.
 */
export async function moveLeaders(cluster: KafkaCluster, topic: string): Promise<void> {
  const before = await partitionsOf(cluster, topic)
  const placed = (replicasOf: (partition: Partition) => readonly number[]) =>
    withAdmin(cluster, (admin) =>
      admin.alterPartitionReassignments({
        topics: [
          {
            topic,
            partitionAssignment: before.map((each) => ({
              partition: each.partition,
              replicas: [...replicasOf(each)],
            })),
          },
        ],
      }),
    )
  const others = ({ replicas, leader }: Partition) => replicas.filter((replica) => replica !== leader)
  await placed(others)
  await untilAll(cluster, topic, ({ partition, leader }) => {
    const old = before.find((each) => each.partition === partition)?.leader
    return leader > 0 && leader !== old
  })
  await placed((each) => [...others(each), each.leader])
  await untilInSync(cluster, topic)
}

async function untilAll(cluster: KafkaCluster, topic: string, fits: (partition: Partition) => boolean): Promise<void> {
  for (const deadline = performance.now() + MOVED_MS_MAX; ; ) {
    const partitions = await partitionsOf(cluster, topic).catch(() => [])
    if (partitions.length > 0 && partitions.every(fits)) return
    if (performance.now() > deadline) throw new Error(`${topic} stays ${JSON.stringify(partitions)}`)
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

function partitionsOf(cluster: KafkaCluster, topic: string): Promise<readonly Partition[]> {
  return withAdmin(cluster, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    const partitions = topics.flatMap((each) => each.partitions)
    return partitions.map(({ partitionId: partition, leader, replicas, isr: inSync }) => ({
      ...{ partition, leader, replicas, inSync },
    }))
  })
}

async function withAdmin<Result>(
  cluster: KafkaCluster,
  use: (admin: ReturnType<Kafka['admin']>) => Promise<Result>,
): Promise<Result> {
  const admin = new Kafka({ brokers: cluster.brokers.split(','), logLevel: logLevel.NOTHING }).admin()
  try {
    await admin.connect()
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}
