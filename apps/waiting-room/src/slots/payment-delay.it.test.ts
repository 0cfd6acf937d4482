import type { FloodgateEvent } from '@floodgate/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectVirtualLine, type VirtualLine } from '../testing/virtual-line.ts'
import { followPaymentDelay, notePaymentDelay } from './payment-delay.ts'

let virtual: VirtualLine
beforeAll(async () => {
  virtual = await connectVirtualLine()
})
afterAll(() => virtual.close())

const nowMs = Date.now()
const at = new Date(nowMs).toISOString()
const envelope = (aggregateVersion: number) => ({
  id: `e${aggregateVersion}`,
  source: '/test',
  time: at,
  aggregateVersion,
})
function delayed(version: number, lastsMs: number): FloodgateEvent {
  const until = new Date(nowMs + lastsMs).toISOString()
  return { type: 'payment.delayed.v1', ...envelope(version), data: { since: at, at, until } }
}
function resumed(version: number): FloodgateEvent {
  return { type: 'payment.resumed.v1', ...envelope(version), data: { since: at, at } }
}
const note = (...events: FloodgateEvent[]) => notePaymentDelay(virtual.line, events, nowMs)

it('while payments are delayed every process admits at the share of the settings, and afterwards at the whole rate', async () => {
  const [one, other] = [30, 100].map((delayedPercent) => followPaymentDelay({ line: virtual.line, delayedPercent }))
  const shares = async () => {
    await Promise.all([one?.refresh(), other?.refresh()])
    return [one?.rateShare(), other?.rateShare()]
  }
  expect(await shares()).toEqual([1, 1])
  await note(delayed(1, 60_000))
  expect(await shares()).toEqual([0.3, 1])
  await note(resumed(3), delayed(2, 60_000))
  expect(await shares(), 'the newest version counts').toEqual([1, 1])
})

it('a delay that is not announced again ends by itself, and an old announcement begins none', async () => {
  const follower = followPaymentDelay({ line: virtual.line, delayedPercent: 50 })
  await note(delayed(4, -1))
  await follower.refresh()
  expect(follower.rateShare()).toBe(1)
  await note(delayed(5, 24 * 3_600_000))
  const leftMs = await virtual.redis.pttl('wr:payments-delayed')
  expect(leftMs, 'a clock that is hours ahead').toBeLessThanOrEqual(120_000)
  await note(resumed(6))
})
