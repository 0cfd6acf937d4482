import { expect, test } from 'vitest'
import { withoutMethod } from './without-method.ts'

test("a provider's message about a payment method does not contain it", () => {
  expect(
    withoutMethod({ do: 'settle', settlement: { kind: 'declined', reason: 'pm_4711 expired' } }, 'pm_4711'),
  ).toEqual({
    do: 'settle',
    settlement: { kind: 'declined', reason: '… expired' },
  })
  expect(withoutMethod({ do: 'wait', status: 'unknown', detail: 'no such method: pm_4711' }, 'pm_4711')).toMatchObject({
    detail: 'no such method: …',
  })
})

test('every other message is unchanged', () => {
  const settled = { do: 'settle', settlement: { kind: 'declined', reason: 'insufficient funds' } } as const
  expect(withoutMethod(settled, 'pm_4711')).toEqual(settled)
  expect(withoutMethod(settled, 'i')).toBe(settled)
  expect(withoutMethod({ do: 'charge' }, 'pm_4711')).toEqual({ do: 'charge' })
})
