export interface KafkaSettings {
  readonly host: string
  readonly port: number
  readonly controllerPort: number
  readonly logDir: string
  /** How long the first member of a new consumer group waits for others. Default 0; a broker's own default is 3000. */
  readonly rebalanceDelayMs?: number | undefined
}

/** Returns server.properties of one node that is broker and controller at once. Pure. */
export function kafkaSettings({ host, port, controllerPort, logDir, rebalanceDelayMs = 0 }: KafkaSettings): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': logDir,
    'num.partitions': '3',
    // A misspelt topic is an error, not a new topic.
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': String(rebalanceDelayMs),
    // After SIGKILL the controller waits this long before it admits the same broker again (9 s by default).
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2000',
    // 50 each by default: with one node they only delay the first consumer group and the first transaction.
    'offsets.topic.num.partitions': '3',
    'transaction.state.log.num.partitions': '3',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
  }
  return `${Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`
}
