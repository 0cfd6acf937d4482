import { expect, it } from 'vitest'
import { createArchiveQueue } from './archive-queue.ts'

const names = Array.from({ length: 200 }, (_, index) => `s${index}`)

function queueOf(archive: (sale: string) => Promise<{ reached: string; isBehind: boolean } | undefined>) {
  const seen = { tried: [] as string[], failed: [] as string[], archived: [] as string[] }
  const queue = createArchiveQueue({
    archive(sale) {
      seen.tried.push(sale)
      return archive(sale)
    },
    onArchived: (sale) => seen.archived.push(sale),
    onFailure: (sale) => seen.failed.push(sale),
  })
  for (const name of names) queue.note(name, '5-0')
  return { queue, seen, work: () => queue.work(new AbortController().signal) }
}

it('while Postgres is unavailable one sale per round waits for it, each time another one', async () => {
  const { seen, work } = queueOf(() => Promise.reject(new Error('Query read timeout')))
  for (let round = 0; round < 3; round += 1) await work()
  expect(seen.tried).toEqual(['s0', 's1', 's2'])
  expect(seen.failed).toEqual(seen.tried)
})

it('a log that cannot be copied does not delay the others', async () => {
  const { queue, seen, work } = queueOf((sale) =>
    sale === 's0' ? Promise.reject(new Error('bad row')) : Promise.resolve({ reached: '5-0', isBehind: false }),
  )
  await work()
  expect(seen.archived).toEqual(names.slice(1))
  expect([...queue.behind()]).toEqual(['s0'])
})

it('a stop ends a round between two portions', async () => {
  const stopping = new AbortController()
  const { queue, seen } = queueOf(() => {
    stopping.abort()
    return Promise.resolve({ reached: '4-0', isBehind: true })
  })
  await queue.work(stopping.signal)
  expect(seen.tried).toEqual(['s0'])
  expect(queue.isBehind('s0')).toBe(true)
})

it('a newer entry that a tick reported meanwhile is not lost', async () => {
  const { queue, work } = queueOf((sale) => {
    if (sale === 's0') queue.note('s0', '6-0')
    return Promise.resolve({ reached: '5-0', isBehind: false })
  })
  await work()
  expect([...queue.behind()]).toEqual(['s0'])
})
