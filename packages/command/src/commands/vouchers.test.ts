import { expect, it } from 'vitest'
import { runWith } from '../testing/surroundings.ts'

const spring = {
  ...{ campaign: 'spring', sale: 'demo', currency: 'EUR', name: 'Spring', minimumMinor: 500, total: 10 },
  discount: { kind: 'percentage', percent: 20, capMinor: 700 },
  ...{ validFrom: null, validUntil: '2027-03-28T10:00:00.000Z', issued: 3, reserved: 1, used: 2 },
}

/** An order core with this campaign or none, and the bodies and conditions that it was sent. */
function coreWith(known?: object) {
  const sent: unknown[] = []
  const conditions: unknown[] = []
  const fetch = (async (url: unknown, init?: RequestInit) => {
    if (init?.method !== 'GET') {
      sent.push(JSON.parse(String(init?.body)))
      const headers = new Headers(init?.headers)
      conditions.push([headers.get('if-match'), headers.get('if-none-match')])
      return Response.json(spring)
    }
    if (String(url).endsWith('/vouchers')) return Response.json({ campaigns: [known] })
    if (known !== undefined) return Response.json(known, { headers: { etag: '"7"' } })
    return Response.json(problem('not-found', 404), {
      status: 404,
      headers: { 'content-type': 'application/problem+json' },
    })
  }) as typeof globalThis.fetch
  return { sent, conditions, fetch }
}

const problem = (code: string, status: number) => ({
  ...{ type: `urn:floodgate:problem:${code}`, code, status, title: code, detail: code },
  ...{ retryable: false, traceId: 'trace' },
})

it('vouchers list shows terms and counts', async () => {
  const { out, exit } = await runWith(['vouchers', 'list', 'demo'], { fetch: coreWith(spring).fetch })
  expect(exit).toBe(0)
  expect(out).toContain('20 %, 700 at most')
})

it('vouchers set changes what is named, and nothing else', async () => {
  const { sent, conditions, fetch } = coreWith(spring)
  await runWith(['vouchers', 'set', 'demo', 'spring', '--total', '20', '--valid-until', 'none'], { fetch })
  const { name, discount, minimumMinor, validFrom } = spring
  expect(sent).toEqual([{ name, discount, minimumMinor, validFrom, total: 20, validUntil: null }])
  expect(conditions, 'the version that was read').toEqual([['"7"', null]])
})

it.each([
  [['--percent', '25'], { kind: 'percentage', percent: 25, capMinor: 700 }],
  [['--cap', '900'], { kind: 'percentage', percent: 20, capMinor: 900 }],
  [['--percent', '25', '--no-cap'], { kind: 'percentage', percent: 25 }],
  [['--no-cap'], { kind: 'percentage', percent: 20 }],
  [['--amount', '300'], { kind: 'fixed', amountMinor: 300 }],
])('vouchers set %j keeps the other half of the discount', async (options, discount) => {
  const { sent, fetch } = coreWith(spring)
  await runWith(['vouchers', 'set', 'demo', 'spring', ...options], { fetch })
  expect(sent).toMatchObject([{ discount }])
  expect((sent as (typeof spring)[])[0]?.discount).toEqual(discount)
})

it('vouchers set that meets the change of another operator is rejected', async () => {
  const { fetch } = coreWith(spring)
  const changed = (async (url: string, init?: RequestInit) =>
    init?.method === 'GET'
      ? fetch(url, init)
      : Response.json(problem('campaign-changed', 412), {
          status: 412,
          headers: { 'content-type': 'application/problem+json' },
        })) as typeof globalThis.fetch
  const { exit, errors } = await runWith(['vouchers', 'set', 'demo', 'spring', '--total', '20'], { fetch: changed })
  expect(exit).toBe(3)
  expect(errors).toContain('Repeat the command.')
})

it('vouchers set creates a campaign', async () => {
  const { sent, conditions, fetch } = coreWith()
  await runWith(['vouchers', 'set', 'demo', 'summer', '--name', 'Summer', '--amount', '300', '--total', '5'], { fetch })
  const discount = { kind: 'fixed', amountMinor: 300 }
  expect(sent).toEqual([{ name: 'Summer', discount, total: 5, minimumMinor: 0, validFrom: null, validUntil: null }])
  expect(conditions, 'only creates').toEqual([[null, '*']])
})

it.each([
  ['without its discount', ['--name', 'Summer', '--total', '5'], 'needs --name, --total, and --amount or --percent'],
  ['with two discounts', ['--amount', '5', '--percent', '5'], 'not both'],
  ['with a cap of an amount', ['--amount', '5', '--cap', '5'], '--cap needs --percent'],
  ['with two caps', ['--percent', '5', '--cap', '5', '--no-cap'], 'not both'],
])('vouchers set %s is rejected, and sends nothing', async (_, options, message) => {
  const { sent, fetch } = coreWith()
  const { exit, errors } = await runWith(['vouchers', 'set', 'demo', 'summer', ...options], { fetch })
  expect({ exit, sent }).toEqual({ exit: 2, sent: [] })
  expect(errors).toContain(message)
})
