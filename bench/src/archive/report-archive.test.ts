import { expect, it } from 'vitest'
import { reportArchive } from './report-archive.ts'

const turn = { archiveMs: 1_000, archiveCpuMs: 500, plainMs: 600 }
const run = { admissions: 12_000, entries: 24_100, turns: [turn, turn, { ...turn, archiveMs: 9_000 }], faults: [] }

it('reports the medians: admissions per second, and entries compared to the plain INSERT', () => {
  const { thresholds, faults, markdown } = reportArchive(run)
  expect(thresholds.map(({ measured, reached }) => [measured, reached])).toEqual([
    ['12,000/s', true],
    ['0.60 ×', true],
  ])
  expect(faults).toEqual([])
  expect(markdown).toContain('| the archiver | 24,100 | 12,000 |')
})

it('voids a run whose archive is not complete', () => {
  const slow = reportArchive({ ...run, turns: [{ ...turn, archiveMs: 2_000 }], faults: ['a row', 'a row'] })
  expect(slow.thresholds.map(({ reached }) => reached)).toEqual([false, false])
  expect(slow.faults).toEqual(['a row'])
})
