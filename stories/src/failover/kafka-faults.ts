import { setTimeout as delay } from 'node:timers/promises'
import { type KafkaCluster, type KafkaServer, leaderOf, moveLeaders, untilInSync } from '@floodgate/local-servers'
import { freeze } from '@floodgate/testkit'
import type { Fault } from '../kills/faults.ts'

/** The topic with the most events, on whose first partition the faults are aimed. */
const HOT_TOPIC = 'floodgate.orders'
/** Longer than a broker's session (2 s here), so that another one leads its partitions meanwhile. */
const DOWN_MS = 3_500
/** Longer than a request to Kafka may take (10 s). */
const MUTE_MS = 12_000

/** Ends one of three brokers with SIGKILL, and starts it again on its data. */
export function brokerDies(cluster: KafkaCluster, draw: () => number): Fault {
  const index = Math.floor(draw() * cluster.nodes.length)
  return {
    name: `one of three brokers dies (SIGKILL for broker ${index + 1})`,
    inject: () => killFor(cluster, () => cluster.nodes.slice(index, index + 1)),
  }
}

/** Ends two of three brokers, the leader of the hot partition among them: until one is back, nothing is acknowledged. */
export function twoBrokersDie(cluster: KafkaCluster): Fault {
  return {
    name: 'two of three brokers die (SIGKILL)',
    async inject() {
      const leader = await leaderOf(cluster, HOT_TOPIC)
      const another = cluster.nodes.filter((node) => node !== leader).slice(0, 1)
      return killFor(cluster, () => [leader, ...another])
    },
  }
}

export function allBrokersRestart(cluster: KafkaCluster): Fault {
  return { name: 'all three brokers die (SIGKILL) and restart', inject: () => killFor(cluster, () => cluster.nodes) }
}

/** Stops the leader of the hot partition with SIGSTOP: it keeps its connections, and never responds. */
export function leaderFallsMute(cluster: KafkaCluster): Fault {
  return {
    name: 'the leader of a hot partition falls mute (SIGSTOP)',
    async inject() {
      const thaw = await freeze((await leaderOf(cluster, HOT_TOPIC)).pid)
      return { recovered: delay(MUTE_MS).finally(thaw) }
    },
  }
}

/** Gives every partition of the hot topic another leader, while all brokers run. */
export function leadersMove(cluster: KafkaCluster): Fault {
  return {
    name: 'the leaders of a hot topic move',
    inject: async () => ({ recovered: moveLeaders(cluster, HOT_TOPIC) }),
  }
}

async function killFor(
  cluster: KafkaCluster,
  chosen: () => readonly KafkaServer[],
): Promise<{ readonly recovered: Promise<void> }> {
  await Promise.all(chosen().map((node) => node.kill()))
  async function comeBack(): Promise<void> {
    await delay(DOWN_MS)
    await cluster.restart()
    await untilInSync(cluster, HOT_TOPIC)
  }
  return { recovered: comeBack() }
}
