import { expect, it } from 'vitest'
import { maskData, maskText, maskUnreadable } from './mask.ts'

it('no address and no payment method of an event is shown, wherever it is', () => {
  const data = {
    order: 'o1',
    sealedEmail: 'eyJhbGciOi…',
    paymentMethod: 'pm_4242',
    buyer: 'ann@example.org',
    notes: [{ text: 'write to <ann@example.org>, please', 'ann@example.org': 1, cardNumber: 4242 }],
    totalMinor: 100,
    none: null,
  }
  expect(maskData(data)).toEqual({
    order: 'o1',
    sealedEmail: '[masked]',
    paymentMethod: '[masked]',
    buyer: '[masked]',
    notes: [{ text: 'write to <[masked]>, please', '[masked]': 1, cardNumber: '[masked]' }],
    totalMinor: 100,
    none: null,
  })
})

it('endless nesting is cut off', () => {
  let deep: unknown = 'ann@example.org'
  for (let depth = 0; depth < 5_000; depth += 1) deep = [deep]
  expect(JSON.stringify(maskData(deep))).not.toContain('ann')
})

it('no address is shown in a reason, or in text that is not JSON', () => {
  expect(maskText('Key (email)=(ann@example.org) exists')).toBe('Key (email)=([masked]) exists')
  const broken =
    '{"paymentMethod": "pm_\\"4242", "email":"ann@example.org", "order":"o1", "card":4242, "paymentMethod":"pm_9'
  expect(maskUnreadable(broken)).toBe(
    '{"paymentMethod": "[masked]", "email":"[masked]", "order":"o1", "card":"[masked]", "paymentMethod":"[masked]"',
  )
})

it('masking a megabyte of text takes time in proportion to its length', () => {
  const long = 'a'.repeat(1_000_000)
  expect(maskText(long)).toBe(long)
})
