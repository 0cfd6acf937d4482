import { expect, it } from 'vitest'
import { rankProcesses } from './rendezvous.ts'

const processes = Array.from({ length: 8 }, (_, index) => `room-${index}`)
const sales = Array.from({ length: 1_000 }, (_, index) => `sale-${index}`)
const first = (sale: string, members: readonly string[]) => rankProcesses(sale, members)[0]

it('all processes agree, whatever the order of the members', () => {
  for (const sale of sales.slice(0, 50))
    expect(rankProcesses(sale, processes.toReversed())).toEqual(rankProcesses(sale, processes))
})

it('each of eight processes gets about an eighth of a thousand sales', () => {
  const counts = Map.groupBy(sales, (sale) => first(sale, processes))
  expect(counts.size).toBe(8)
  for (const mine of counts.values()) expect(Math.abs(mine.length - 125)).toBeLessThan(50)
})

it('a process that leaves moves only its own sales, to the next in rank', () => {
  const [gone, ...others] = processes
  for (const sale of sales) {
    const ranked = rankProcesses(sale, processes)
    expect(first(sale, others)).toBe(ranked[0] === gone ? ranked[1] : ranked[0])
  }
})
