import { expect, test } from 'vitest'
import { PORT_BASE, PORT_BASE_MAX, portList, portsFrom, REPLICAS_MAX } from './ports.ts'

const one = { 'waiting-room': 1, 'order-core': 1, 'payment-worker': 1, notifier: 1 }

test('the documented ports are the default ones', () => {
  expect(portList(portsFrom(PORT_BASE, one)).map(({ port }) => port)).toEqual([
    7100, 7200, 7300, 7400, 7500, 7525, 7526, 7532, 7579, 7592, 7593, 8100, 8200, 8300, 8400,
  ])
})

test('another base moves all ports and keeps their offsets', () => {
  const moved = portList(portsFrom(17_000, one)).map(({ port }) => port)
  expect(moved).toEqual(portList(portsFrom(7_000, one)).map(({ port }) => port + 10_000))
})

test('further replicas are ten ports apart and never reach the next app', () => {
  const most = { 'waiting-room': REPLICAS_MAX, 'order-core': REPLICAS_MAX, 'payment-worker': 1, notifier: 1 }
  const ports = portList(portsFrom(PORT_BASE, most)).map(({ port }) => port)
  expect(portsFrom(PORT_BASE, most).apps['waiting-room'].slice(0, 3)).toEqual([7100, 7110, 7120])
  expect(new Set(ports).size).toBe(ports.length)
})

test('the highest base still has ports for all', () => {
  expect(Math.max(...portList(portsFrom(PORT_BASE_MAX, one)).map(({ port }) => port))).toBeLessThan(65_536)
})
