import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Send } from '@floodgate/client'
import type { AppName, System } from '@floodgate/dev/system'

interface Line {
  readonly message: string
  readonly worker?: number
  readonly workerPid?: number
  readonly step?: string
  readonly buyers?: readonly unknown[]
}
type TestSystem = Pick<System, 'dataDir'>

const linesOf = async (system: TestSystem, app: AppName): Promise<Line[]> => {
  const text = await readFile(join(system.dataDir, 'logs', `${app}.jsonl`), 'utf8')
  // The last line may still be on its way.
  return text.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Line] : []))
}

/** The process ids of an app's workers by their numbers: of each the one that started last. */
export async function workersOf(system: TestSystem, app: AppName): Promise<ReadonlyMap<number, number>> {
  const started = (await linesOf(system, app)).filter(({ message }) => message === 'worker started')
  return new Map(started.map(({ worker = 0, workerPid = 0 }) => [worker, workerPid]))
}

/** How many buyers each waiting-room worker says it gave a place. */
export async function joinsByWorker(system: TestSystem): Promise<ReadonlyMap<number, number>> {
  const joins = new Map<number, number>()
  for (const { step, worker = 0, buyers = [] } of await linesOf(system, 'waiting-room'))
    if (step === 'ticket.joined') joins.set(worker, (joins.get(worker) ?? 0) + buyers.length)
  return joins
}

/** Each request on a connection of its own, so that any worker behind the port may get it. */
export function onFreshConnections(send: Send): Send {
  return function sendAfresh(method, path, outgoing = {}) {
    return send(method, path, { ...outgoing, headers: { ...outgoing.headers, connection: 'close' } })
  }
}
