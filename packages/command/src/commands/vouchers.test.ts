import { expect, it } from 'vitest'
import { runWith } from '../testing/surroundings.ts'

const spring = {
  ...{ campaign: 'spring', sale: 'demo', currency: 'EUR', name: 'Spring', minimumMinor: 500, total: 10 },
  discount: { kind: 'percentage', percent: 20, capMinor: 700 },
  ...{ validFrom: null, validUntil: '2027-03-28T10:00:00.000Z', issued: 3, reserved: 1, used: 2 },
}

/** An order core with these campaigns, and the bodies that it was sent. */
function coreWith(campaigns: readonly object[]) {
  const sent: unknown[] = []
  const fetch = (async (_: unknown, init?: RequestInit) => {
    if (init?.method === 'GET') return Response.json({ campaigns })
    sent.push(JSON.parse(String(init?.body)))
    return Response.json(spring)
  }) as typeof globalThis.fetch
  return { sent, fetch }
}

it('vouchers list shows terms and counts', async () => {
  const { out, exit } = await runWith(['vouchers', 'list', 'demo'], { fetch: coreWith([spring]).fetch })
  expect(exit).toBe(0)
  expect(out).toContain('20 %, 700 at most')
})

it('vouchers set changes what is named, and nothing else', async () => {
  const { sent, fetch } = coreWith([spring])
  await runWith(['vouchers', 'set', 'demo', 'spring', '--total', '20', '--valid-until', 'none'], { fetch })
  const { name, discount, minimumMinor, validFrom } = spring
  expect(sent).toEqual([{ name, discount, minimumMinor, validFrom, total: 20, validUntil: null }])
})

it('vouchers set creates a campaign', async () => {
  const { sent, fetch } = coreWith([])
  await runWith(['vouchers', 'set', 'demo', 'summer', '--name', 'Summer', '--amount', '300', '--total', '5'], { fetch })
  const discount = { kind: 'fixed', amountMinor: 300 }
  expect(sent).toEqual([{ name: 'Summer', discount, total: 5, minimumMinor: 0, validFrom: null, validUntil: null }])
})

it.each([
  ['without its discount', ['--name', 'Summer', '--total', '5'], 'needs --name, --total, and --amount or --percent'],
  ['with two discounts', ['--amount', '5', '--percent', '5'], 'not both'],
  ['with a cap of an amount', ['--amount', '5', '--cap', '5'], '--cap needs --percent'],
])('vouchers set %s is rejected, and sends nothing', async (_, options, message) => {
  const { sent, fetch } = coreWith([])
  const { exit, errors } = await runWith(['vouchers', 'set', 'demo', 'summer', ...options], { fetch })
  expect({ exit, sent }).toEqual({ exit: 2, sent: [] })
  expect(errors).toContain(message)
})
