import { expect, it } from 'vitest'
import { type RoundsRow, reportRounds } from './report-rounds.ts'

const row: RoundsRow = {
  ...{ what: 'many sales', rounds: 30, orders: 0 },
  without: { orderCore: 2, postgres: 1, redis: 0.5 },
  beside: { orderCore: 2.75, postgres: 1.5, redis: 0.5 },
}

it('reports for each row what rounds add to all parts together', () => {
  const busy = { ...row, what: 'a busy sale', beside: { orderCore: 3, postgres: 2, redis: 0.5 } }
  const { thresholds, faults, markdown } = reportRounds({ rows: [row, busy], processes: 2, seconds: 60, restarts: 0 })
  expect(thresholds.map(({ measured, reached }) => [measured, reached])).toEqual([
    ['1.25 %', true],
    ['2.00 %', false],
  ])
  expect(faults).toEqual([])
  expect(markdown).toContain('| many sales | 30 | 2.00 → 2.75 | 1.00 → 1.50 | 0.50 → 0.50 | 0 |')
})

it('voids a run without a round, or in which a process died', () => {
  const { faults } = reportRounds({ rows: [{ ...row, rounds: 0 }], processes: 2, seconds: 60, restarts: 1 })
  expect(faults).toEqual(['many sales: no round ended', '1 processes died meanwhile'])
})
