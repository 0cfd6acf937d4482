import { type BackOff, doublingMs, pause, type Repeated, repeat, settledWithin } from '@floodgate/async'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Logger } from '../logger.ts'
import { createPatientExport } from './patient-export.ts'
import { createRowExport, type ExportRows, isSettingFault, type RowExport } from './row-export.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
/** Pause between two batches: the rows are years old, and requests have priority. */
const PAUSE_MS = 100
const BATCHES_PER_ROUND = 100
const STOP_MS_MAX = SECOND
/**
 * Time limit of a check or a write in the export directory. The start waits for the check; a write holds a connection
 * and locks.
 */
const CHECK_MS_MAX = 2 * SECOND
const WRITE_MS_MAX = 20 * SECOND
const BACK_OFF: BackOff = { minMs: MINUTE, maxMs: 60 * MINUTE }

export interface RetentionTask {
  /** The table it deletes from, "schema.table". */
  readonly table: string
  /**
   * Deletes one batch of rows that are final and past their retention time. Returns how many: 0 when there are no more,
   * or while another process is deleting. Passes them to `exportRows` before its transaction commits; without it they
   * are not exported. After a rejection the next call continues behind the failed rows.
   */
  deleteBatch(exportRows?: ExportRows): Promise<number>
  /** Returns when the oldest row still stored was created. */
  oldest(): Promise<Date | undefined>
}

export interface Retention {
  /**
   * Rejects when the export directory is missing or not writable. A full or unresponsive disk is only counted and
   * logged: it prevents only the deletion of old rows.
   */
  start(): Promise<void>
  /**
   * Deletes what is due, at most 100 batches of each table. Returns how many rows by table, without tables that failed,
   * or are skipped after a failure. Never rejects.
   */
  round(): Promise<Readonly<Record<string, number>>>
  /** Returns when the oldest row of each table was created. Rejects when that cannot be read. */
  oldest(): Promise<readonly { readonly table: string; readonly oldest: Date | undefined }[]>
  stop(): Promise<void>
}

interface TaskState {
  failures: number
  againMs: number
}

/**
 * Deletes rows past their retention time, in rounds of small batches. Skips a failing table for a minute, doubling up
 * to an hour; the others continue, and no other work of the process waits for it.
 */
export function createRetention(options: {
  readonly tasks: readonly RetentionTask[]
  readonly config: { readonly retentionExportDir?: string | undefined; readonly retentionSweepSeconds: number }
  readonly log: Logger
  readonly metrics: Registry
  /** Default: to the directory of the settings. */
  readonly rowExport?: RowExport
  readonly writeMsMax?: number
}): Retention {
  const { tasks, config, log } = options
  const metrics = createRetentionMetrics(options.metrics)
  // A series that begins at its first event shows no increase: alerts need the zero before it.
  for (const { table } of tasks) metrics.failures.inc({ table }, 0)
  const stopping = new AbortController()
  const cutting = new AbortController()
  const rowExport = options.rowExport ?? createRowExport(config.retentionExportDir)
  const patient = createPatientExport(rowExport, {
    ...{ checkMsMax: CHECK_MS_MAX, writeMsMax: options.writeMsMax ?? WRITE_MS_MAX },
    signal: cutting.signal,
  })
  const exportRows = rowExport.isOn ? patient.write : undefined
  const states = new Map<RetentionTask, TaskState>()
  let rounds: Repeated | undefined

  async function deleteBatches(task: RetentionTask): Promise<number> {
    const startedMs = performance.now()
    let rows = 0
    for (let batch = 0; batch < BATCHES_PER_ROUND && !stopping.signal.aborted; batch += 1) {
      const deleted = await task.deleteBatch(exportRows)
      if (deleted === 0) break
      rows += deleted
      metrics.deleted.inc({ table: task.table }, deleted)
      await pause(PAUSE_MS, stopping.signal)
    }
    const oldest = await task.oldest()
    metrics.oldest.set({ table: task.table }, oldest === undefined ? 0 : (Date.now() - oldest.getTime()) / SECOND)
    if (rows === 0) return 0
    log.info({ table: task.table, rows, ms: Math.round(performance.now() - startedMs) }, 'old rows deleted')
    return rows
  }

  /** Resolves to undefined after a failure. */
  async function runTask(task: RetentionTask): Promise<number | undefined> {
    const state = states.get(task) ?? { failures: 0, againMs: Number.NEGATIVE_INFINITY }
    states.set(task, state)
    if (performance.now() < state.againMs) return undefined
    try {
      const rows = await deleteBatches(task)
      state.failures = 0
      return rows
    } catch (error) {
      const againMs = doublingMs(BACK_OFF, state.failures)
      state.failures += 1
      state.againMs = performance.now() + againMs
      metrics.failures.inc({ table: task.table })
      log.warn({ table: task.table, error, failures: state.failures, againMs }, 'old rows not deleted')
      return undefined
    }
  }

  async function round(): Promise<Readonly<Record<string, number>>> {
    const deleted: Record<string, number> = {}
    for (const task of tasks) {
      const rows = stopping.signal.aborted ? undefined : await runTask(task)
      if (rows !== undefined) deleted[task.table] = rows
    }
    return deleted
  }

  /** Jittered, so that processes that started together do not query together. */
  const everyMs = (): number => config.retentionSweepSeconds * SECOND * (0.5 + Math.random())

  async function checkExport(): Promise<void> {
    try {
      await patient.check()
    } catch (error) {
      if (isSettingFault(error)) throw error
      for (const { table } of tasks) metrics.failures.inc({ table })
      log.error({ error, directory: config.retentionExportDir }, 'export failed: old rows not deleted')
    }
  }

  return {
    async start() {
      await checkExport()
      rounds = repeat({
        ...{ everyMs, startAfterMs: everyMs(), signal: stopping.signal, work: round },
        onError: (error) => log.warn({ error }, 'retention round failed'),
      })
    },
    round,
    oldest: () => Promise.all(tasks.map(async (task) => ({ table: task.table, oldest: await task.oldest() }))),
    async stop() {
      stopping.abort()
      // When the pool closes, a transaction on an unresponsive server is rolled back; one on an unresponsive disk is
      // rolled back at once.
      await settledWithin(STOP_MS_MAX, rounds?.stop())
      cutting.abort()
    },
  }
}

function createRetentionMetrics(registry: Registry) {
  const registers = [registry]
  const labelNames = ['table'] as const
  return {
    deleted: new Counter({
      name: 'floodgate_retention_deleted_rows_total',
      help: 'Rows deleted after their retention time',
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: 'floodgate_retention_failures_total',
      help: 'Rounds that could not delete, or not export the rows to be deleted',
      labelNames,
      registers,
    }),
    oldest: new Gauge({
      name: 'floodgate_retention_oldest_seconds',
      help: 'Age of the oldest stored row, at the end of the last round',
      labelNames,
      registers,
      aggregator: 'max',
    }),
  }
}
