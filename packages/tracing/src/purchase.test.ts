import { expect, it } from 'vitest'
import { admissionSpanId, isInShare, joinSpanId, purchaseTraceId } from './purchase.ts'

it('every process derives the same ids for a purchase', () => {
  expect(purchaseTraceId('demo', 'b-1')).toBe(purchaseTraceId('demo', 'b-1'))
  expect(purchaseTraceId('demo', 'b-1')).toMatch(/^[0-9a-f]{32}$/)
  expect(joinSpanId('demo', 'b-1', 7)).toMatch(/^[0-9a-f]{16}$/)
  expect(admissionSpanId('slot-1')).toMatch(/^[0-9a-f]{16}$/)
})

it('another sale, buyer, place or turn has other ids', () => {
  const traces = [
    ['demo', 'b-1'],
    ['demo', 'b-2'],
    ['demo2', 'b-1'],
    ['demo2b', '-1'],
  ] as const
  expect(new Set(traces.map(([sale, buyer]) => purchaseTraceId(sale, buyer))).size).toBe(traces.length)
  expect(joinSpanId('demo', 'b-1', 7)).not.toBe(joinSpanId('demo', 'b-1', 8))
  expect(admissionSpanId('slot-1')).not.toBe(admissionSpanId('slot-2'))
})

it('a trace id does not contain the buyer', () => {
  expect(purchaseTraceId('demo', '0af7651916cd43dd8448eb211c80319c')).not.toContain('0af76519')
})

it.each([
  [0, 0],
  [0.25, 250],
  [1, 1_000],
])('a share of %d contains that part of all traces, always the same', (share, about) => {
  const ids = Array.from({ length: 1_000 }, (_, n) => purchaseTraceId('demo', `b-${n}`))
  const inside = ids.filter((id) => isInShare(id, share))
  expect(Math.abs(inside.length - about)).toBeLessThan(share === 0.25 ? 60 : 1)
  expect(ids.filter((id) => isInShare(id, share))).toEqual(inside)
})
