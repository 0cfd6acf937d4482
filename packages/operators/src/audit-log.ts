import { randomUUID } from 'node:crypto'
import { createSerialRun, inHalves, pause, settledWithin } from '@floodgate/async'
import type { OperatorAct, OperatorAudit } from '@floodgate/http'
import type { Log } from '@floodgate/runtime'
import type { KeyedAct } from './audit-store.ts'

/** Acts that wait for an unresponsive database; further ones are only logged. */
const WAITING_MAX = 1_000
const ACTS_PER_INSERT = 100
const RETRY_MS = 1_000
/** How long a response waits for its entry. */
const RECORD_MS_MAX = 1_000
const STOP_MS_MAX = 2_000

export interface AuditLogOptions {
  /** Stores all of them or none; a repetition adds nothing. */
  insert(acts: readonly KeyedAct[]): Promise<void>
  /** Tells whether an act among them may have caused an error of `insert`, so that a repetition cannot help. */
  isFault(error: unknown): boolean
  readonly log: Log
  /** Called for an act that is only in the log. */
  onDropped(): void
}

export interface RunningAudit extends OperatorAudit {
  waiting(): number
  /** Writes what waits, within two seconds. */
  stop(): Promise<void>
}

/**
 * Stores acts in the order of their ends, and logs each. While the database cannot be reached up to 1,000 of them wait in
 * memory: what a process has not written when it is killed is only in its log. An act that the database rejects is only
 * in the log, and keeps no other from being stored.
 */
export function createAuditLog({ insert, isFault, log, onDropped }: AuditLogOptions): RunningAudit {
  const waiting: KeyedAct[] = []
  const stopping = new AbortController()

  function dropRejected({ act }: KeyedAct, error: unknown): void {
    log.error(
      { error, method: act.method, route: act.route, traceId: act.traceId },
      'operator act rejected by database',
    )
    onDropped()
  }

  const writes = createSerialRun(async function writeAll() {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, ACTS_PER_INSERT)
      try {
        await inHalves(batch, { work: insert, isFault, onCulprit: dropRejected })
        waiting.splice(0, batch.length)
      } catch (error) {
        log.warn({ error, acts: waiting.length }, 'operator acts not stored yet')
        if (stopping.signal.aborted) return
        await pause(RETRY_MS, stopping.signal)
      }
    }
  })

  async function record(act: OperatorAct): Promise<void> {
    const { caller, method, route, target, traceId, status, code } = act
    const fields = { operator: caller.name, operatorId: caller.id, role: caller.role, method, route, target }
    log.info({ ...fields, traceId, status, code }, 'operator act')
    if (waiting.length >= WAITING_MAX) {
      onDropped()
      return
    }
    waiting.push({ key: randomUUID(), act })
    writes.run()
    await settledWithin(RECORD_MS_MAX, writes.settled())
  }

  return {
    record,
    waiting: () => waiting.length,
    async stop() {
      stopping.abort()
      await settledWithin(STOP_MS_MAX, writes.settled())
      if (waiting.length > 0) log.error({ acts: waiting.length }, 'operator acts not stored')
    },
  }
}
