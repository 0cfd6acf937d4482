import { describe, expect, it } from 'vitest'
import type { FloodgateEvent } from './catalogue.ts'
import { decodeEvent, encodeEvent } from './cloud-event.ts'

const confirmed = {
  type: 'order.confirmed.v1',
  id: '1',
  source: '/floodgate/order-core',
  time: '2026-01-02T03:04:05.678Z',
  aggregateVersion: 2,
  data: {
    order: '0f8fad5b-d9cb-869f-a165-70867728950e',
    sale: 'demo',
    saleName: 'Frühling & Söhne',
    buyer: 'b-1',
    slot: 's-1',
    items: [{ sku: 'lamp', quantity: 2, priceMinor: 1_999, name: 'Lamp' }],
    totalMinor: 3_998,
    currency: 'EUR',
    createdAt: '2026-01-02T03:04:05.678Z',
    holdExpiresAt: '2026-01-02T03:04:05.678Z',
    sealedEmail: '',
  },
} satisfies FloodgateEvent

const opened: FloodgateEvent = {
  type: 'sale.opened.v1',
  id: 'sale:demo:3',
  source: '/floodgate/waiting-room',
  time: '2026-01-02T03:04:05.678Z',
  aggregateVersion: 3,
  data: {
    sale: 'demo',
    name: 'Demo',
    state: 'open',
    opensAt: null,
    closesAt: null,
    at: '2026-01-02T03:04:05.678Z',
  },
}

describe('an event on the wire', () => {
  it('is decoded as it was encoded', () => {
    expect(decodeEvent(encodeEvent(opened))).toEqual({ kind: 'event', event: opened })
  })

  it('of an order may name the sale and the items, or omit the names', () => {
    const { saleName, items, ...data } = confirmed.data
    const unnamed: FloodgateEvent = { ...confirmed, data: { ...data, items: items.map(({ name, ...line }) => line) } }
    for (const event of [confirmed, unnamed]) expect(decodeEvent(encodeEvent(event))).toEqual({ kind: 'event', event })
  })

  it('carries the aggregate as key and CloudEvents subject', () => {
    const { key, headers } = encodeEvent(opened)
    expect(key).toBe('demo')
    expect(headers).toMatchObject({ ce_specversion: '1.0', ce_subject: 'demo', ce_aggregateversion: '3' })
  })

  it('is never published when it breaks its schema', () => {
    expect(() => encodeEvent({ ...opened, data: { ...opened.data, sale: 'NO' } })).toThrow()
  })

  it.each([
    ['without headers', { headers: {}, value: '{}' }],
    ['of an unknown type', { headers: { ...encodeEvent(opened).headers, ce_type: 'sale.eaten.v1' }, value: '{}' }],
    ['that is not JSON', { headers: encodeEvent(opened).headers, value: '{' }],
    ['with a field nobody knows', { headers: encodeEvent(opened).headers, value: '{"sale":"demo","extra":1}' }],
    ['without a version', { headers: { ...encodeEvent(opened).headers, ce_aggregateversion: 'x' }, value: '{}' }],
  ])('is poison when it arrives %s', (_, message) => {
    expect(decodeEvent(message).kind).toBe('poison')
  })
})
