import { z } from 'zod'
import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import { table } from '../report/table.ts'
import { atLeast } from '../report/thresholds.ts'

/** The output of the waiting room's measuring script. */
export const archiveRun = z.object({
  admissions: z.int().min(1),
  /** Entries of the log: admissions, returns and joins. */
  entries: z.int().min(1),
  turns: z.array(z.object({ archiveMs: z.number(), archiveCpuMs: z.number(), plainMs: z.number() })).min(1),
  faults: z.array(z.string()),
})
type ArchiveRun = z.infer<typeof archiveRun>

const ADMISSIONS_PER_SECOND_MIN = 10_000
const RATIO_MIN = 0.4

/** Reports the medians of all rounds. Pure. */
export function reportArchive({ admissions, entries, turns, faults }: ArchiveRun): BenchResult {
  const archiveMs = median(turns.map((turn) => turn.archiveMs))
  const plainMs = median(turns.map((turn) => turn.plainMs))
  const cpuMs = median(turns.map((turn) => turn.archiveCpuMs))
  const perSecond = (count: number, ms: number): number => (count / ms) * 1_000
  const rate = perSecond(admissions, archiveMs)
  const ratio = plainMs / archiveMs
  const figures = (ms: number) => [whole(perSecond(entries, ms)), whole(perSecond(admissions, ms))]
  return {
    title: 'The archive of a log',
    thresholds: [
      atLeast(ADMISSIONS_PER_SECOND_MIN, {
        what: 'admissions archived per second, by one process',
        ...{ value: rate, unit: '/s', kind: 'absolute' },
      }),
      atLeast(RATIO_MIN, {
        what: 'entries archived per second, relative to a plain INSERT of the same rows',
        ...{ value: ratio, digits: 2, unit: ' ×' },
      }),
    ],
    faults: [...new Set(faults)],
    markdown: `${table(
      ['way', 'entries/s', 'admissions/s'],
      [
        ['the archiver', ...figures(archiveMs)],
        ['`INSERT … SELECT … FROM unnest` of the same rows, 10,000 a transaction', ...figures(plainMs)],
      ],
      { numeric: true },
    )}

A log of ${whole(entries)} entries, written by the waiting room's own scripts for ${whole(admissions)} admissions at 10,000 per second
whose slots return two seconds later. The archiver reads it from Redis, copies it, sums it, and takes ${(
      (cpuMs / entries) * 1_000
    ).toFixed(
      1,
    )} µs of its own CPU for an entry; the plain INSERT has the rows in memory and does nothing else. Medians of
${turns.length} rounds.
`,
    details: { admissions, entries, turns, ratio },
  }
}

const whole = (value: number): string => Math.round(value).toLocaleString('en')
