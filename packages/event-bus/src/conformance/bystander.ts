import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { createEventBus, type EventBusOptions } from '../create-event-bus.ts'
import type { KafkaBusOptions } from '../kafka/kafka-bus.ts'

/** The task as plain data, because functions cannot be sent to another process. */
export interface BystanderTask {
  readonly bus:
    | { readonly kind: 'redis'; readonly redisUrl: string }
    | Pick<KafkaBusOptions, 'kind' | 'brokers' | 'security' | 'sessionTimeoutMs'>
  readonly group: string
  readonly source: string
}

/** A consumer in a separate process that gets its first batch and never finishes it. */
export interface Bystander {
  /** The ids of that batch, once it has it. */
  readonly seized: Promise<string[]>
  /** Kills it with SIGKILL: it neither leaves nor acknowledges. */
  kill(): Promise<void>
}

export function startBystander(task: BystanderTask): Bystander {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const seized = new Promise<string[]>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line) as string[]))
    exited.then(() => reject(new Error('The bystander ended before it had a batch.')), reject)
  })
  seized.catch(() => undefined)
  return {
    seized,
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
  }
}

async function standBy({ bus: wanted, group, source }: BystanderTask): Promise<void> {
  const log = silentLogger
  const common = { clientId: 'bystander', log }
  const options: EventBusOptions =
    wanted.kind === 'redis' ? { ...common, ...wanted } : { ...common, ...wanted, onFatal: () => process.exit(1) }
  const bus = createEventBus(options)
  await bus.subscribe({
    group,
    topics: ['floodgate.sales'],
    async handle(batch) {
      const ours = batch.filter((event) => event.source === source)
      if (ours.length === 0) return
      process.stdout.write(`${JSON.stringify(ours.map(({ id }) => id))}\n`)
      await new Promise(() => undefined)
    },
  })
}

if (import.meta.main) await standBy(JSON.parse(process.argv[2] ?? '') as BystanderTask)
