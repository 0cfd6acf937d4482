import { randomBytes } from 'node:crypto'

export interface KafkaController {
  readonly nodeId: number
  readonly controllerPort: number
  readonly directoryId: string
}

/** Which node of which cluster a broker is. */
export interface KafkaMembership {
  readonly clusterId: string
  readonly nodeId: number
  /** The first controllers: every node of the cluster. */
  readonly controllers: readonly KafkaController[]
}

/** Returns the membership of the only node of a new cluster. */
export function alone(controllerPort: number): KafkaMembership {
  const nodeId = 1
  return { clusterId: randomId(), nodeId, controllers: [{ nodeId, controllerPort, directoryId: randomId() }] }
}

/** Returns the memberships of all nodes of a new cluster, numbered from 1. */
export function together(controllerPorts: readonly number[]): readonly KafkaMembership[] {
  const clusterId = randomId()
  const controllers = controllerPorts.map((controllerPort, index) => ({
    nodeId: index + 1,
    controllerPort,
    directoryId: randomId(),
  }))
  return controllers.map(({ nodeId }) => ({ clusterId, nodeId, controllers }))
}

/**
 * Creates an id as Kafka's `random-uuid` does: 16 random bytes, base64url, never with a leading dash (it would read as
 * an option).
 */
function randomId(): string {
  for (;;) {
    const id = randomBytes(16).toString('base64url')
    if (!id.startsWith('-')) return id
  }
}
