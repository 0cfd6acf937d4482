import { expect, test } from 'vitest'
import { type Outcome, outcomeTable } from './outcome-table.ts'

const exact: Outcome = {
  sale: 'demo',
  total: 100,
  sold: 60,
  held: 10,
  available: 30,
  agree: true,
  buyers: 200,
  confirmed: 60,
  declined: 10,
  left: 20,
  unfinished: 0,
  charges: 60,
  mails: 60,
  placesLost: 0,
}

test('a sale that adds up has no cross', () => {
  expect(outcomeTable(exact)).not.toContain('✗')
  expect(outcomeTable(exact)).toContain('60 + 10 + 30 = 100 of 100')
})

test.each([
  ['oversold', { sold: 95, held: 10, available: 0 }, 'oversold'],
  ['a mail twice', { mails: 61 }, 'mails'],
  ['a charge missing', { charges: 59 }, 'charges'],
  ['a place lost', { placesLost: 1 }, 'places lost'],
  ['Redis and Postgres differ', { agree: false }, 'Redis and Postgres'],
])('%s is marked', (_, change, row) => {
  const lines = outcomeTable({ ...exact, ...change }).split('\n')
  expect(lines.filter((line) => line.includes('✗')).some((line) => line.includes(row))).toBe(true)
})
