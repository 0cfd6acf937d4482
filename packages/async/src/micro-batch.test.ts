import { expect, it } from 'vitest'
import { coalesce, createMicroBatcher } from './micro-batch.ts'

const turn = () => new Promise((resolve) => setImmediate(resolve))

const gather = ({ itemsMax = 10, keyOf }: { itemsMax?: number; keyOf?(item: string): string } = {}) => {
  const sent: [sale: string, items: readonly string[]][] = []
  const call = createMicroBatcher<string, string>({
    itemsMax,
    ...(keyOf === undefined ? {} : { keyOf }),
    send: async (sale, items) => {
      sent.push([sale, items])
      if (items.includes('fail')) throw new Error('away')
      return items.filter((item) => item !== 'forgotten').map((item) => `${sale}:${item}`)
    },
  })
  return { sent, call }
}

it('lets the items of one turn share a call, each with its own result', async () => {
  const { sent, call } = gather()
  expect(await Promise.all([call('a', '1'), call('b', '2'), call('a', '3')])).toEqual(['a:1', 'b:2', 'a:3'])
  expect(sent).toEqual([
    ['a', ['1', '3']],
    ['b', ['2']],
  ])
})

it('has no key twice in a call, and at most the maximum of items', async () => {
  const { sent, call } = gather({ itemsMax: 2, keyOf: (item) => item })
  await Promise.all([call('a', '1'), call('a', '1'), call('a', '2'), call('a', '3')])
  expect(sent.map(([, items]) => items)).toEqual([['1'], ['1', '2'], ['3']])
})

it('keeps the order, and repeated items where no key is configured', async () => {
  const { sent, call } = gather({ itemsMax: 3 })
  await Promise.all([call('a', '2'), call('a', '1'), call('a', '2'), call('a', '1')])
  expect(sent.map(([, items]) => items)).toEqual([['2', '1', '2'], ['1']])
})

it.each([
  ['it died of', 'fail', 'away'],
  ['is missing', 'forgotten', '1 results for 2 items'],
])('passes the error to every item of a call when it %s, and continues', async (_, item, message) => {
  const { call } = gather()
  const results = await Promise.allSettled([call('a', '1'), call('a', item)])
  expect(results).toMatchObject([
    { status: 'rejected', reason: { message } },
    { status: 'rejected', reason: { message } },
  ])
  expect(await call('a', '1')).toBe('a:1')
})

it('passes on all items of one turn together when it has no results, in their order, and none twice', async () => {
  const passed: (readonly number[])[] = []
  const add = coalesce<number>((items) => void passed.push(items))
  add(1)
  await Promise.resolve().then(() => add(2))
  expect(passed).toEqual([])
  await turn()
  add(3)
  await turn()
  await turn()
  expect(passed).toEqual([[1, 2], [3]])
})
