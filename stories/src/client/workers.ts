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
  // The last line may be incomplete.
  return text.split('\n').flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as Line] : []))
}

/** Returns the process ids of an app's workers by number: for each number the last one that started. */
export async function workersOf(system: TestSystem, app: AppName): Promise<ReadonlyMap<number, number>> {
  const started = (await linesOf(system, app)).filter(({ message }) => message === 'worker started')
  return new Map(started.map(({ worker = 0, workerPid = 0 }) => [worker, workerPid]))
}

/** Counts the places that each waiting-room worker reports. */
export async function joinsByWorker(system: TestSystem): Promise<ReadonlyMap<number, number>> {
  const joins = new Map<number, number>()
  for (const { step, worker = 0, buyers = [] } of await linesOf(system, 'waiting-room'))
    if (step === 'ticket.joined') joins.set(worker, (joins.get(worker) ?? 0) + buyers.length)
  return joins
}

/** Sends each request on a new connection, so that any worker behind the port may get it. */
export function onFreshConnections(send: Send): Send {
  return function sendAfresh(method, path, outgoing = {}) {
    return send(method, path, { ...outgoing, headers: { ...outgoing.headers, connection: 'close' } })
  }
}
