import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { firstCosts } from './costs.ts'
import { referenceOf, referenceSizes, referenceTable } from './reference.ts'
import { sizeSale } from './size-sale.ts'
import { parseCostTable, readSection, usualSale } from './sizing-page.ts'

const docs = join(import.meta.dirname, '../../../docs')
const sales = referenceSizes.map(usualSale)

it('docs/deploy/README.md contains what follows from the costs of docs/sizing.md (npm run bench -- sizing --write)', async () => {
  const [deploy, sizing] = await Promise.all(
    ['deploy/README.md', 'sizing.md'].map((page) => readFile(join(docs, page), 'utf8')),
  )
  const costs = parseCostTable(readSection(sizing ?? '', 'costs'))
  expect(readSection(deploy ?? '', 'reference')).toBe(referenceTable(costs, sales))
})

it('a larger sale never needs less of anything', () => {
  const references = sales.map((sale) => referenceOf(sizeSale(firstCosts, sale), sale))
  for (const [at, reference] of references.entries())
    for (const [name, value] of Object.entries(reference))
      expect(value).toBeGreaterThanOrEqual(references[at - 1]?.[name as keyof typeof reference] ?? 0)
})

it('the smallest sale has two processes of every app', () => {
  const sale = usualSale(10)
  expect(referenceOf(sizeSale(firstCosts, sale), sale)).toMatchObject({ processes: 8, redisGib: 1, postgresCores: 2 })
})
