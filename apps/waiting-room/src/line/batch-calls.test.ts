import { expect, it } from 'vitest'
import { createBatches } from './batch-calls.ts'

const gather = (itemsMax = 10) => {
  const sent: [sale: string, items: readonly string[]][] = []
  const call = createBatches<string, string>({
    buyerOf: (item) => item,
    itemsMax,
    send: async (sale, items) => {
      sent.push([sale, items])
      if (items.includes('fail')) throw new Error('away')
      return items.map((item) => `${sale}:${item}`)
    },
  })
  return { sent, call }
}

it('lets those of one turn share a call, each with its own answer', async () => {
  const { sent, call } = gather()
  expect(await Promise.all([call('a', '1'), call('b', '2'), call('a', '3')])).toEqual(['a:1', 'b:2', 'a:3'])
  expect(sent).toEqual([
    ['a', ['1', '3']],
    ['b', ['2']],
  ])
})

it('has nobody twice in a call, and no more than fit', async () => {
  const { sent, call } = gather(2)
  await Promise.all([call('a', '1'), call('a', '1'), call('a', '2'), call('a', '3')])
  expect(sent.map(([, items]) => items)).toEqual([['1'], ['1', '2'], ['3']])
})

it('tells all of a call what it died of, and goes on', async () => {
  const { call } = gather()
  const results = await Promise.allSettled([call('a', '1'), call('a', 'fail')])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(await call('a', '1')).toBe('a:1')
})
