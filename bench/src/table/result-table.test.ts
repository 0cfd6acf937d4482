import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { benches } from '../benches.ts'
import { type MeasuredResult, readResults } from './measured-result.ts'
import { resultTable } from './result-table.ts'
import { targets } from './targets.ts'

const RESULTS = join(import.meta.dirname, '../../results')
const result = (
  name: string,
  thresholds: MeasuredResult['thresholds'],
  faults: readonly string[] = [],
): MeasuredResult => ({
  name,
  title: `Title of ${name}`,
  conditions: {
    at: '2026-11-21T08:00:00.000Z',
    commit: 'abc1234',
    cores: 2,
    cpu: 'a processor',
    memoryGib: 24,
    node: 'v24.0.0',
    loadBefore: 0.1,
    calibration: 400_400,
  },
  thresholds,
  faults: [...faults],
})
const board = { what: 'board', threshold: '≥ 0.9 × bare Hono', measured: '0.93', reached: true, kind: 'ratio' as const }
const ramp = { what: 'p95 of all answers', threshold: '≤ 1.5', measured: '1.7', reached: false, kind: 'ratio' as const }
const rate = {
  what: 'admissions of 3 waiting rooms',
  threshold: '1 %',
  measured: '0',
  reached: true,
  kind: 'ratio' as const,
}

it('shows the measured values next to the targets', () => {
  const page = resultTable([result('line', [board]), result('ramp-10k', [ramp, rate])])
  expect(page).toContain(
    '| board | ≥ 0.9 × bare Hono | 0.93 | yes | 2 cores, load 0.1, calibration 400k, 2026-11-21 | [line](line.md) |',
  )
  expect(page).toContain('| p95 of all answers | ≤ 1.5 | 1.7 | **no** |')
  expect(page.split('| admissions of 3 waiting rooms |')).toHaveLength(2)
})

it('marks missing measurements, and void runs', () => {
  const page = resultTable([result('line', [board], ['3 failed responses'])])
  expect(page).toContain('| board | ≥ 0.9 × bare Hono | 0.93 | **does not count** |')
  expect(page).toContain('| – | not measured yet | – | – | `npm run bench -- confirm` |')
})

it('names only existing benches', () => {
  const names = new Set(benches.map(({ name }) => name))
  const unknown = targets.flatMap(({ measuredBy }) => measuredBy).filter(({ bench }) => !names.has(bench))
  expect(unknown).toEqual([])
})

it('is the committed page, given the committed results', async () => {
  const kept = await readFile(join(RESULTS, 'README.md'), 'utf8')
  expect(kept).toBe(resultTable(await readResults(RESULTS)))
})
