import { describe, expect, it } from 'vitest'
import { admitted, after, catalogueOf, jobKinds, joined, rejected, screenOf, start } from '../../testing/buyer-page.ts'
import { beginWith } from './begin.ts'
import { memoryOf } from './memory.ts'
import type { PageEvent } from './page-event.ts'
import { discountOf, type VoucherOffer } from './voucher.ts'

const offer = (changes: Partial<VoucherOffer> = {}): VoucherOffer => ({
  ...{
    campaign: 'spring',
    name: 'Spring',
    minimumMinor: 0,
    total: 10,
    available: 4,
    validFrom: null,
    validUntil: null,
  },
  discount: { kind: 'fixed', amountMinor: 500 },
  ...changes,
})
const offered: PageEvent = { kind: 'vouchers', campaigns: [offer()] }
const choose: PageEvent = { kind: 'claim', campaign: 'spring' }
const problemOf = (event: PageEvent) => {
  if (event.kind !== 'order-rejected') throw new Error('no problem')
  return event.problem
}
const notClaimed = (code: Parameters<typeof rejected>[0], status = 409): PageEvent => ({
  ...{ kind: 'not-claimed', campaign: 'spring' },
  problem: { ...problemOf(rejected(code)), status },
})

describe('vouchers at the checkout', () => {
  const atTheTill = after(start, joined, admitted, catalogueOf([{}]))

  it('are read again after a claim, since their terms may have changed until then', () => {
    const claimed = after(atTheTill, offered, choose, { kind: 'claimed', campaign: 'spring' })
    expect(jobKinds(claimed)).toContain('read-vouchers')
    const discount = { kind: 'fixed' as const, amountMinor: 100 }
    const read = after(claimed, { kind: 'vouchers', campaigns: [offer({ discount })] })
    expect(jobKinds(read)).not.toContain('read-vouchers')
    expect(screenOf(read)).toMatchObject({ vouchers: [{ discount }], claim: { kind: 'claimed' } })
  })

  it('are read once a turn, and claimed when the buyer chooses one', () => {
    expect(jobKinds(atTheTill)).toContain('read-vouchers')
    const shown = after(atTheTill, offered)
    expect(jobKinds(shown)).not.toContain('read-vouchers')
    expect(jobKinds(shown)).not.toContain('claim')
    const asked = after(shown, choose)
    expect(jobKinds(asked)).toContain('claim')
    const claimed = after(asked, { kind: 'claimed', campaign: 'spring' })
    expect(jobKinds(claimed)).not.toContain('claim')
    expect(screenOf(claimed)).toMatchObject({ vouchers: [offer()], claim: { kind: 'claimed', campaign: 'spring' } })
  })

  it('that cannot be claimed are reported with the reason; a passing failure is retried', () => {
    const asked = after(atTheTill, offered, choose)
    expect(jobKinds(after(asked, notClaimed('busy', 503)))).toContain('claim')
    const gone = after(asked, notClaimed('vouchers-gone'))
    expect(jobKinds(gone)).not.toContain('claim')
    expect(screenOf(gone)).toMatchObject({ claim: { kind: 'rejected', problem: { code: 'vouchers-gone' } } })
  })

  it('follow the choice made last', () => {
    const other = after(atTheTill, offered, choose, { kind: 'claim', campaign: 'summer' })
    expect(screenOf(after(other, notClaimed('vouchers-gone')))).toMatchObject({
      claim: { kind: 'asked', campaign: 'summer' },
    })
  })

  it('are claimed again after a reload: the same one is found', () => {
    const draft = { items: [], email: 'a@example.org', paymentMethod: 'sim_ok', voucher: 'spring' }
    const memory = memoryOf(after(atTheTill, { kind: 'fill', draft }))
    expect(jobKinds(beginWith({ id: 'demo', name: 'Demo', state: 'open' }, memory))).toContain('claim')
  })
})

it.each<[Partial<VoucherOffer>, number, number]>([
  [{}, 2_000, 500],
  [{}, 300, 300],
  [{ minimumMinor: 2_001 }, 2_000, 0],
  [{ discount: { kind: 'percentage', percent: 20 } }, 999, 199],
  [{ discount: { kind: 'percentage', percent: 20, capMinor: 100 } }, 999, 100],
])('a voucher of %j takes off %i: %i', (changes, subtotal, expected) => {
  expect(discountOf(offer(changes), subtotal)).toBe(expected)
})
