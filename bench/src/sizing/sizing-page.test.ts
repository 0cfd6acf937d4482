import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { firstCosts } from './costs.ts'
import {
  costTable,
  needsTable,
  parseCostTable,
  readSection,
  shownCosts,
  sizes,
  usualSale,
  withTables,
} from './sizing-page.ts'

const page = await readFile(join(import.meta.dirname, '../../../docs/sizing.md'), 'utf8')
const sales = sizes.map(usualSale)
const nothing = { keys: {}, log: 0 }
const memory = {
  ...{ version: '7.0.15', buyers: 1 },
  ...{ empty: nothing, waiting: nothing, inside: nothing, served: nothing, hourLater: nothing },
}

it('docs/sizing.md contains what follows from its costs (npm run bench -- sizing --write)', () => {
  const costs = parseCostTable(readSection(page, 'costs'))
  expect(readSection(page, 'needs')).toBe(needsTable({ sales, costs }))
})

it('a table of costs is read as it was written', () => {
  const read = parseCostTable(costTable(shownCosts(firstCosts)))
  expect(Object.values(read).map(({ value }) => value)).toEqual(Object.values(firstCosts).map(({ value }) => value))
})

it('tables go only between their marks', () => {
  const empty =
    'before\n<!-- costs -->\nFILLER\n<!-- /costs -->\nbetween\n<!-- memory -->\nFILLER\n<!-- /memory -->\n' +
    'then\n<!-- needs -->\nFILLER\n<!-- /needs -->\nafter\n'
  const written = withTables(empty, { sales, costs: firstCosts, memory })
  expect(written).toMatch(/^before\n[\s\S]*\nbetween\n[\s\S]*\nafter\n$/)
  expect(written).not.toContain('FILLER')
  expect(() => withTables('no marks', { sales, costs: firstCosts, memory })).toThrow(/no marks for costs/)
})
