import { expect, it } from 'vitest'
import { memoryCosts } from './line-memory.ts'
import { memoryTable } from './memory-table.ts'

const measured = {
  version: '7.0.15',
  buyers: 1_000,
  empty: { keys: { sale: 300 }, log: 500 },
  waiting: { keys: { sale: 350, line: 129_000 }, log: 700 },
  inside: { keys: { sale: 1_300, slots: 200_000, inside: 175_000 }, log: 120_700 },
  served: { keys: { sale: 1_300, slots: 216_000, inside: 175_000 }, log: 230_700 },
  hourLater: { keys: { sale: 1_300, served: 125 }, log: 230_700 },
}

it('reports the memory of a buyer in each stage, without that of an empty sale, and the log separately', () => {
  const costs = memoryCosts(measured, new Date('2026-11-28T00:00:00Z'))
  expect(costs.waiterMemory).toMatchObject({ value: 129.05, kind: 'measured' })
  expect(costs.waiterMemory.source).toBe('1,000 buyers, Redis 7.0.15, 2026-11-28')
  expect(costs.insideMemory.value).toBe(376)
  expect(costs.servedMemory.value).toBe(392)
  expect(costs.pastMemory.value).toBe(1.125)
  expect(costs.logMemory.value).toBe(230)
})

it('names every key that grows with each buyer', () => {
  const table = memoryTable(measured)
  expect(table).toContain('| `line` | 129 | – | – | – |')
  expect(table).toContain('| `served` | – | – | – | 0.1 |')
  expect(table).toContain('| **together** | 129 | 376 | 392 | 1.1 |')
  expect(table).toContain('| besides: `log`, until it is archived | 0.2 | 120 | 230 | 230 |')
})
