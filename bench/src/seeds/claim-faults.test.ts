import { expect, it } from 'vitest'
import { claimFaults } from './claim-faults.ts'

const exact = {
  reports: [{ statuses: { '201': 3 } }, { statuses: { '201': 2, '409': 4 } }],
  campaign: { total: 5, issued: 5 },
  vouchers: 5,
  buyers: 5,
}

it('claims are exact when every voucher went to a buyer of its own, and all others were rejected', () => {
  expect(claimFaults(exact)).toEqual([])
  expect(claimFaults({ ...exact, reports: [{ statuses: { '201': 5 } }], campaign: { total: 9, issued: 5 } })).toEqual(
    [],
  )
})

it.each([
  ['too many vouchers', { reports: [{ statuses: { '201': 6, '409': 4 } }] }, /6 buyers got a voucher, 5 must/],
  ['too few', { reports: [{ statuses: { '201': 4, '409': 5 } }] }, /4 buyers got a voucher, 5 must/],
  ['a campaign that counts wrongly', { campaign: { total: 5, issued: 6 } }, /6 vouchers are issued/],
  ['a lost voucher', { vouchers: 4, buyers: 4 }, /the ledger has 4 vouchers/],
  ['two vouchers of a buyer', { buyers: 4 }, /5 vouchers belong to 4 buyers/],
  ['a failed claim', { reports: [{ statuses: { '201': 5, '503': 1 } }] }, /1 of 6 claims were neither/],
])('finds %s', (_, wrong, fault) => {
  expect(claimFaults({ ...exact, ...wrong }).join('\n')).toMatch(fault)
})
