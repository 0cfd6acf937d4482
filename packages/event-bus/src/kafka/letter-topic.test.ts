import { expect, it } from 'vitest'
import { createFold, markOf } from './letter-topic.ts'

it('marks stay separate when the topic is compacted by mistake', () => {
  const records = [
    { key: 'a', headers: {}, value: 'first' },
    { key: 'b', headers: {}, value: 'second' },
    markOf({ removed: ['0'] }),
    markOf({ failed: [{ id: '1', reason: 'broken' }] }),
  ]
  const fold = createFold()
  for (const [offset, record] of records.entries())
    if (records.findLastIndex(({ key }) => key === record.key) === offset) fold.add(offset, record)
  expect(fold.offsets()).toEqual([1])
  expect(fold.replaysOf(1)).toEqual({ replays: 1, replayReason: 'broken' })
})
