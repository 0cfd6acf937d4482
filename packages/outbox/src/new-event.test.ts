import { describe, expect, it } from 'vitest'
import { InvalidEvent, type NewEvent, outboxRow } from './new-event.ts'
import { declined } from './testing/events.ts'
import { outboxArrays, outboxUnnest } from './write.ts'

describe('an event for the outbox', () => {
  it('becomes a row under its aggregate’s key', () => {
    const event = declined()
    expect(outboxRow({ ...event, traceparent: '00-a-b-01' })).toEqual({
      type: 'payment.declined.v1',
      key: event.data.order,
      version: 1,
      data: JSON.stringify(event.data),
      traceparent: '00-a-b-01',
    })
  })

  it.each([
    ['data that breaks its contract', { data: { ...declined().data, sale: 'NO' } }],
    ['an unknown field', { data: { ...declined().data, extra: 1 } }],
    ['an invalid version', { version: 0 }],
    ['a traceparent that Postgres would reject', { traceparent: 'a\0b' }],
    ['an unknown type', { type: 'payment.eaten.v1' }],
  ])('is rejected with %s', (_, change) => {
    expect(() => outboxRow({ ...declined(), ...change } as NewEvent)).toThrow(InvalidEvent)
  })

  it('can be arrays, one per column, for a statement that writes many', () => {
    const rows = [declined(), declined(undefined, 2)].map(outboxRow)
    expect(outboxArrays(rows)[2]).toEqual([1, 2])
    expect(outboxUnnest(4)).toContain('$4::text[], $5::text[], $6::integer[], $7::text[], $8::text[]')
  })
})
