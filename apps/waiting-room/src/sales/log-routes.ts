import { type TraceStep, waitingRoomRoutes } from '@floodgate/contracts'
import { handle, type Route } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { readStream, readStreamEnd } from '../archive/archive-log.ts'
import { readArchived, readArchivedEnd, readArchivedSlot } from '../archive/archive-store.ts'
import type { LineRedis } from '../redis/line-redis.ts'
import { compareLogIds, type LogRecord, logEntryOf } from '../snapshot/log-record.ts'
import { whileDatabaseIsThere } from './sale-acts.ts'
import type { SaleCache } from './sale-cache.ts'

const STREAM_SCAN_MAX = 20_000
interface LogSources {
  readonly line: LineRedis
  readonly pool: Pool
}

/** Reads a line's log after an id: the archive, then what only the stream has. */
const readLog = async (
  { line, pool }: LogSources,
  sale: string,
  page: { after: string; limit: number },
): Promise<readonly LogRecord[]> => {
  // The archive is read second: an entry that leaves the stream meanwhile was archived before.
  const live = await readStream(line, sale, page)
  const archived = await readArchived(pool, sale, page)
  const byId = new Map([...archived, ...live].map((record) => [record.id, record]))
  return [...byId.values()].sort((one, other) => compareLogIds(one.id, other.id)).slice(0, page.limit)
}

/** Reads the newest entries of a line's log, oldest first. Reads the archive only for what the stream no longer has. */
async function readNewest({ line, pool }: LogSources, sale: string, limit: number): Promise<readonly LogRecord[]> {
  const live = await readStreamEnd(line, sale, limit)
  if (live.length === limit) return live
  const archived = await readArchivedEnd(pool, sale, limit)
  const byId = new Map([...archived, ...live].map((record) => [record.id, record]))
  return [...byId.values()].sort((one, other) => compareLogIds(one.id, other.id)).slice(-limit)
}

/** Reads the log of one slot: when its buyer joined, was admitted, and returned. */
const readSlotTrace = async ({ line, pool }: LogSources, sale: string, slot: string): Promise<TraceStep[]> => {
  const live = await readStream(line, sale, { after: '0-0', limit: STREAM_SCAN_MAX })
  const archived = await readArchivedSlot(pool, sale, slot)
  const mine = new Map(archived.map((record) => [record.id, record]))
  for (const record of live) if (record.slot === slot) mine.set(record.id, record)
  const place = [...mine.values()].find((record) => record.kind === 'admitted')?.place
  const hasJoin = archived.some((record) => record.kind === 'joined')
  const join = live.find(
    (record) => record.kind === 'joined' && (record.place ?? 0) >= (place ?? Number.POSITIVE_INFINITY),
  )
  if (!hasJoin && join !== undefined) mine.set(join.id, join)
  const steps = {
    joined: 'ticket.joined',
    admitted: 'buyer.admitted',
    extended: 'slot.extended',
    returned: 'slot.returned',
  } as const
  return [...mine.values()]
    .sort((one, other) => compareLogIds(one.id, other.id))
    .map((record) => ({
      at: new Date(record.atMs).toISOString(),
      app: 'waiting-room',
      step: steps[record.kind as keyof typeof steps],
      ...(record.kind === 'returned' && record.reason !== undefined ? { detail: record.reason } : {}),
    }))
}

export function logRoutes(deps: LogSources & { sales: SaleCache }): readonly Route[] {
  const mustExist = async (sale: string) => {
    if ((await deps.sales.get(sale)) === undefined)
      throw new AppError('not-found', { detail: 'This sale does not exist.' })
  }
  return [
    handle(waitingRoomRoutes.readLog, async function readLogPage(request, reply) {
      const { sale } = request.params
      const page = request.query
      await mustExist(sale)
      const { last } = page
      const records = await whileDatabaseIsThere(() =>
        last === undefined ? readLog(deps, sale, page) : readNewest(deps, sale, last),
      )
      const next = last === undefined && records.length === page.limit ? (records.at(-1)?.id ?? null) : null
      return reply(200, { entries: records.map(logEntryOf), next })
    }),
    handle(waitingRoomRoutes.traceSlot, async function traceSlot({ params: { sale, slot } }, reply) {
      await mustExist(sale)
      const steps = await whileDatabaseIsThere(() => readSlotTrace(deps, sale, slot))
      if (steps.length === 0) throw new AppError('not-found', { detail: 'There is no such slot.' })
      return reply(200, { steps })
    }),
  ]
}
