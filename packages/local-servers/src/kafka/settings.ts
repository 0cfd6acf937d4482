import type { KafkaSecurity } from './security.ts'

export interface KafkaSettings {
  readonly host: string
  readonly port: number
  readonly controllerPort: number
  readonly logDir: string
  /** How long the first member of a new consumer group waits for others. Default 0; a broker's own default is 3000. */
  readonly rebalanceDelayMs?: number | undefined
  /** Its number in a cluster. Default 1. */
  readonly nodeId?: number | undefined
  /** The controller ports of all nodes of a cluster. Default: its own alone. */
  readonly controllerPorts?: readonly number[] | undefined
  readonly security?: KafkaSecurity | undefined
}

/** Replicas of every topic in a cluster, and how many of them must have an event before it is acknowledged. */
const REPLICAS_MAX = 3
const IN_SYNC_MIN = 2

/** Returns server.properties of one node that is broker and controller at once. Pure. */
export function kafkaSettings(options: KafkaSettings): string {
  const { host, port, controllerPort, logDir, rebalanceDelayMs = 0, nodeId = 1, security } = options
  const { controllerPorts = [controllerPort] } = options
  const clients = security === undefined ? 'PLAINTEXT' : 'SASL_SSL'
  const replicas = String(Math.min(REPLICAS_MAX, controllerPorts.length))
  const inSync = controllerPorts.length === 1 ? '1' : String(IN_SYNC_MIN)
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': String(nodeId),
    'controller.quorum.bootstrap.servers': controllerPorts.map((each) => `127.0.0.1:${each}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    listeners: `${clients}://${host}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `${clients}://${host}:${port}`,
    'listener.security.protocol.map': `CONTROLLER:PLAINTEXT,${clients}:${clients}`,
    'inter.broker.listener.name': clients,
    'log.dirs': logDir,
    'num.partitions': '3',
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    // A misspelt topic is an error, not a new topic.
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': String(rebalanceDelayMs),
    // After SIGKILL the controller waits this long before it admits the same broker again (9 s by default).
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2000',
    // 50 each by default: with one node they only delay the first consumer group and the first transaction.
    'offsets.topic.num.partitions': '3',
    'transaction.state.log.num.partitions': '3',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    ...security?.settings,
  }
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`
}
