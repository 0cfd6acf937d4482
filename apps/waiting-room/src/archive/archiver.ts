import { createRareWarnings, type Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { LineRedis } from '../redis/line-redis.ts'
import { archiveLog } from './archive-log.ts'
import { type ArchiveQueue, createArchiveQueue } from './archive-queue.ts'
import { createLogBounds } from './bound-logs.ts'

/** Copies logs to Postgres and keeps them small in Redis, independently of each other. */
export interface Archiver extends Pick<ArchiveQueue, 'note' | 'isBehind' | 'work'> {
  /** Enforces the bounds, see `LogBounds`: call it once a second. */
  keepBounds(): Promise<void>
}

export function createArchiver(deps: {
  readonly line: LineRedis
  readonly pool: Pool
  readonly log: Logger
  countFailure(work: 'archive' | 'log-bounds'): void
  /** Counts entries that were cut before they were archived. */
  countCut(entries: number): void
  readonly entriesMax: number
}): Archiver {
  const { line, pool } = deps
  const warn = createRareWarnings(deps.log)
  const queue = createArchiveQueue({
    archive: (sale) => archiveLog({ line, pool }, sale),
    onArchived: (sale, reached) => bounds.noteArchived(sale, reached),
    onFailure(sale, error) {
      deps.countFailure('archive')
      warn(`archive ${sale}`, { work: 'archive', sale, error }, 'log not archived')
    },
  })
  const bounds = createLogBounds({
    line,
    entriesMax: deps.entriesMax,
    behind: queue.behind,
    onCut(sale, count) {
      deps.countCut(count)
      warn(`cut ${sale}`, { sale, count }, 'log cut before it was archived')
    },
    onFailure(sale, error) {
      deps.countFailure('log-bounds')
      warn(`bounds ${sale}`, { work: 'log-bounds', sale, error }, 'log not bounded')
    },
  })
  return { note: queue.note, isBehind: queue.isBehind, work: queue.work, keepBounds: bounds.keep }
}
