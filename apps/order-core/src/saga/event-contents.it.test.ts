import { decodeEvent, eventDefinition } from '@floodgate/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testSale } from '../testing/ledger.ts'
import { createTestSaga, type TestSaga } from '../testing/transitions.ts'
import { rememberSales, salesOfEvents } from './sale-events.ts'

let saga: TestSaga
beforeEach(async () => {
  saga = await createTestSaga()
})
afterEach(() => saga.ledger.remove())

describe('the event of a move', () => {
  it('writes events that the bus can read back', async () => {
    const order = await saga.placeOne()
    await saga.createProcess().apply([
      { order, fact: 'cancelled-by-buyer' },
      { order, fact: 'payment-succeeded' },
    ])
    for (const { type, version, data, event_id } of await saga.eventsOf(order)) {
      expect(eventDefinition(type)?.topic).toBe('floodgate.orders')
      const headers = { ce_type: type, ce_id: event_id, ce_source: '/test', ce_time: '2026-01-01T00:00:00.000Z' }
      const decoded = decodeEvent({ headers: { ...headers, ce_aggregateversion: String(version) }, value: data })
      expect(decoded).toMatchObject({ kind: 'event' })
    }
  })

  it('names the sale and the items in the event, with their names at that time', async () => {
    const order = await saga.placeOne()
    const at = new Date().toISOString()
    const data = { sale: testSale, name: 'Frühling & Söhne', state: 'open' as const, opensAt: null, closesAt: null, at }
    const renamed = {
      type: 'sale.configured.v1' as const,
      id: '1',
      source: '/test',
      time: at,
      aggregateVersion: 2,
      data,
    }
    await rememberSales(saga.ledger.pool, salesOfEvents([renamed]))
    await saga.ledger.pool.query(`update orders.stock set name = 'Parkett <Reihe 1>' where sku = 'apple'`)
    await saga.createProcess().apply([{ order, fact: 'payment-succeeded' }])
    const [, confirmed] = await saga.eventsOf(order)
    expect(JSON.parse(confirmed?.data ?? '')).toMatchObject({
      saleName: 'Frühling & Söhne',
      items: [
        { sku: 'apple', name: 'Parkett <Reihe 1>' },
        { sku: 'bread', name: 'bread' },
      ],
    })
  })

  it('puts the buyer’s language into the event: that of the sale, else that of the order, else none', async () => {
    const at = new Date().toISOString()
    const data = { sale: testSale, name: 'Spring', state: 'open' as const, opensAt: null, closesAt: null, at }
    const sale = { type: 'sale.configured.v1' as const, source: '/test', time: at }
    const remember = (language: string | null, version: number) =>
      rememberSales(
        saga.ledger.pool,
        salesOfEvents([
          { ...sale, id: String(version), aggregateVersion: version, data: { ...data, ...(language && { language }) } },
        ]),
      )
    const languageOf = async (language: string | null, changes = {}) => {
      const order = await saga.placeOne()
      await saga.ledger.pool.query('update orders.orders set language = $2 where id = $1', [order, language])
      await saga.createProcess(changes).apply([{ order, fact: 'payment-succeeded' }])
      return JSON.parse((await saga.eventsOf(order)).at(-1)?.data ?? '').language
    }
    expect([await languageOf(null), await languageOf('ko')], 'before the sale is known').toEqual([undefined, 'ko'])
    await remember(null, 2)
    expect([await languageOf(null), await languageOf('ko')]).toEqual([undefined, 'ko'])
    await remember('en', 3)
    expect([await languageOf(null), await languageOf('ko')]).toEqual(['en', 'en'])
    await remember('tlh', 4)
    expect([await languageOf(null), await languageOf('ko')], 'no texts in it, as for pages').toEqual([undefined, 'ko'])
    await remember('en', 5)
    expect(await languageOf('ko', { namesInEvents: false }), 'other apps may not know it').toBeUndefined()
  })

  it('leaves out names that are unknown, or that other apps do not accept', async () => {
    const [unnamed, old] = [await saga.placeOne(), await saga.placeOne()]
    await saga.ledger.pool.query(`delete from orders.stock where sku = 'cheese'`)
    await saga.ledger.pool.query(`update orders.order_lines set sku = 'cheese' where order_id = $1 and sku = 'apple'`, [
      unnamed,
    ])
    await saga.createProcess().apply([{ order: unnamed, fact: 'cancelled-by-operator' }])
    await saga.createProcess({ namesInEvents: false }).apply([{ order: old, fact: 'payment-succeeded' }])
    const lastOf = async (order: string) => JSON.parse((await saga.eventsOf(order)).at(-1)?.data ?? '')
    const { saleName, items } = await lastOf(unnamed)
    expect(saleName).toBeUndefined()
    expect(items).toEqual([
      { sku: 'cheese', quantity: 1, priceMinor: 100 },
      { sku: 'bread', quantity: 1, priceMinor: 100, name: 'bread' },
    ])
    expect((await lastOf(old)).items).toEqual(['apple', 'bread'].map((sku) => ({ sku, quantity: 1, priceMinor: 100 })))
  })
})
