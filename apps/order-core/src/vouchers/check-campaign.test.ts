import { expect, it } from 'vitest'
import { checkCampaign } from './check-campaign.ts'

const discount = { kind: 'percentage' as const, percent: 20, capMinor: 500 }
const body = { name: 'Spring', discount, minimumMinor: 0, total: 100, validFrom: null, validUntil: null }
const unissued = { discount, minimumMinor: 0, issued: 0 }

it.each([
  ['anything, before the first voucher is issued', unissued, { total: 1, minimumMinor: 7 }, undefined],
  ['its name and times', { ...unissued, issued: 9 }, { name: 'x', validUntil: '2027-01-01T00:00:00.000Z' }, undefined],
  ['its total, up', { ...unissued, issued: 9 }, { total: 101 }, undefined],
  ['its total, down to what is issued', { ...unissued, issued: 9 }, { total: 9 }, undefined],
  ['no total below', { ...unissued, issued: 9 }, { total: 8 }, { kind: 'total-below-issued', issued: 9 }],
  [
    'no discount',
    { ...unissued, issued: 1 },
    { discount: { ...discount, percent: 21 } },
    { kind: 'voucher-terms-fixed' },
  ],
  [
    'no cap',
    { ...unissued, issued: 1 },
    { discount: { kind: 'percentage' as const, percent: 20 } },
    { kind: 'voucher-terms-fixed' },
  ],
  ['no minimum', { ...unissued, issued: 1 }, { minimumMinor: 1 }, { kind: 'voucher-terms-fixed' }],
])('an edit of a campaign may change %s', (_, current, change, expected) => {
  expect(checkCampaign(current, { ...body, ...change })).toEqual(expected)
})
