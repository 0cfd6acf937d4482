import { pause } from '@floodgate/async'
import type { ExportRows, RowExport } from './row-export.ts'

/**
 * An export that gives up on an unresponsive disk: the rows stay and their transaction ends. No other write begins
 * before the hanging one has ended, since each occupies one of the few threads that the whole process needs for name
 * lookups.
 */
export function createPatientExport(
  rowExport: RowExport,
  { checkMsMax, writeMsMax, signal }: { checkMsMax: number; writeMsMax: number; signal: AbortSignal },
): Pick<RowExport, 'check'> & { readonly write: ExportRows } {
  let hanging = false
  async function within(msMax: number, work: () => Promise<void>): Promise<void> {
    if (hanging) throw new Error('the export directory does not respond')
    hanging = true
    const working = work().finally(() => {
      hanging = false
    })
    const done = new AbortController()
    try {
      await Promise.race([working, giveUp(msMax, AbortSignal.any([done.signal, signal]), signal)])
    } finally {
      done.abort()
      // No caller waits for a hanging write any more.
      working.catch(() => undefined)
    }
  }
  return {
    check: () => within(checkMsMax, rowExport.check),
    write: (table, rows) => within(writeMsMax, () => rowExport.write(table, rows)),
  }
}

async function giveUp(ms: number, end: AbortSignal, stop: AbortSignal): Promise<never> {
  await pause(ms, end)
  throw new Error(stop.aborted ? 'the process stops' : `the export directory did not respond within ${ms} ms`)
}
