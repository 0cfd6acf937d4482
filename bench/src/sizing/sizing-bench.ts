import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineBench } from '../bench.ts'
import { measureMemory } from './line-memory.ts'
import { memoryTable } from './memory-table.ts'
import { readCosts } from './read-costs.ts'
import { referenceSizes, referenceTable } from './reference.ts'
import type { SizedSale } from './size-sale.ts'
import { costTable, needsTable, shownCosts, sizes, usualSale, withSection, withTables } from './sizing-page.ts'

const RESULTS = join(import.meta.dirname, '../../results')
const PAGE = join(import.meta.dirname, '../../../docs/sizing.md')
const DEPLOY_PAGE = join(import.meta.dirname, '../../../docs/deploy/README.md')

/** Computes the figures of docs/sizing.md for any sale. */
export const sizingBench = defineBench({
  name: 'sizing',
  about: "the resources that a sale of any size needs, computed from measured costs; measures the line's memory",
  group: 'cost',
  needs: [],
  keepsResult: false,
  options: {
    waiters: { about: 'waiting buyers; by default 100 k, 1 M and 10 M', default: '' },
    rate: { about: 'admissions per second; by default all within half an hour', default: '' },
    arrive: { about: 'seconds in which they join', default: 60 },
    buying: { about: 'percentage of admitted buyers who order', default: 60 },
    provider: { about: 'response time of the payment provider in seconds', default: 0.5 },
    inside: { about: 'seconds of a turn', default: 600 },
    measured: { about: 'buyers in line when its memory is measured', default: 200_000, small: 2_000 },
    write: { about: 'writes the tables into docs/sizing.md and docs/deploy/README.md', default: false },
  },
  async run({ values, progress, directory, signal }) {
    progress(
      `measuring the memory of ${values.measured.toLocaleString('en')} buyers in Redis: waiting, inside, served, and in the log`,
    )
    const memory = await measureMemory({ directory, buyers: values.measured, signal })
    const costs = shownCosts({ ...(await readCosts(RESULTS)), ...memory.costs })
    const measured = Object.values(costs).filter(({ kind }) => kind === 'measured').length
    progress(`${measured} of ${Object.keys(costs).length} costs are measured results, the others first estimates`)
    if (values.write) {
      const sales = sizes.map(usualSale)
      await writeFile(PAGE, withTables(await readFile(PAGE, 'utf8'), { sales, costs, memory: memory.measured }))
      const reference = referenceTable(costs, referenceSizes.map(usualSale))
      await writeFile(DEPLOY_PAGE, withSection(await readFile(DEPLOY_PAGE, 'utf8'), 'reference', reference))
      progress('docs/sizing.md and docs/deploy/README.md are written')
    }
    const sales = (values.waiters === '' ? sizes : [aboveZero('waiters', values.waiters)]).map(
      (waiters): SizedSale => ({
        ...usualSale(waiters),
        ...(values.rate === '' ? {} : { rate: aboveZero('rate', values.rate) }),
        arriveSeconds: values.arrive,
        buyShare: values.buying / 100,
        providerSeconds: values.provider,
        insideSeconds: values.inside,
      }),
    )
    return {
      title: 'What a sale needs',
      thresholds: [],
      faults: memory.faults,
      markdown: [needsTable({ sales, costs }), costTable(costs), memoryTable(memory.measured)].join('\n\n'),
      details: { sales, costs, memory: memory.measured },
    }
  },
})

function aboveZero(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new Error(`--${name} takes a number above 0, not "${text}".`)
  return value
}
