import { expect, it } from 'vitest'
import { mergeViews, SLOTS, slotOf } from './cluster-map.ts'

const before = [
  'a1 10.0.0.1:6379@16379 myself,master - 0 0 1 connected 0-8191 [93->-b1]',
  'b1 10.0.0.2:6379@16379,name.example master - 0 0 2 connected 8192-16382 16383',
  'c1 10.0.0.3:6379@16379 slave a1 0 0 1 connected',
  'd1 :0@0 master,noaddr - 0 0 0 disconnected',
].join('\n')
const after = [
  'a1 10.0.0.1:6379@16379 master,fail - 0 0 1 disconnected',
  'b1 10.0.0.2:6379@16379 master - 0 0 2 connected 8192-16383',
  'c1 :6379@16379 myself,master - 0 0 3 connected 0-8191',
].join('\n')

it('each slot has its owner, also while it is being moved', () => {
  const map = mergeViews([{ host: '10.0.0.1', reply: before }])
  expect([map.owners[0], map.owners[93], map.owners[8192], map.owners[16_383]].map((owner) => owner?.host)).toEqual([
    '10.0.0.1',
    '10.0.0.1',
    '10.0.0.2',
    '10.0.0.2',
  ])
  expect(map.owners).toHaveLength(SLOTS)
  expect(map.nodes.map(({ host }) => host)).toEqual(['10.0.0.1', '10.0.0.2', '10.0.0.3'])
})

it('the newest failover decides, whatever a node says that has not heard of it', () => {
  const views = [
    { host: '10.0.0.3', reply: after },
    { host: '10.0.0.1', reply: before },
  ]
  for (const each of [views, views.toReversed()]) expect(mergeViews(each).owners[0]?.host).toBe('10.0.0.3')
  expect(mergeViews(views).signature).toBe(mergeViews(views.toReversed()).signature)
})

it('slots without an owner have none', () => {
  expect(mergeViews([]).owners.every((owner) => owner === undefined)).toBe(true)
})

it('a hash tag decides the slot', () => {
  expect(slotOf('wr:{w:tea}:line')).toBe(slotOf('wr:{w:tea}:sale'))
  expect(slotOf('123456789')).toBe(12_739)
})
