import type { SalePutInput, SaleResource } from '@floodgate/contracts'

/** The sale of all examples in the OpenAPI document. */
export const DEMO = { id: 'demo', name: 'Demo: everything at half price' }
export const TIMES = { opensAt: '2027-03-28T10:00:00.000Z', closesAt: '2027-03-28T18:00:00.000Z' }
const SETTINGS = { name: DEMO.name, admitPerSecond: 20, maxActive: 400, admissionTtlSeconds: 300 }

/** The times of a sale are left to its operator, so that the example holds at any time. */
export const SALE_PUT: SalePutInput & { language: null } = {
  ...SETTINGS,
  claimSeconds: 60,
  returnSeconds: 600,
  extensionsMax: 2,
  language: null,
}
export const SALE: SaleResource = {
  id: DEMO.id,
  ...SETTINGS,
  ...TIMES,
  state: 'open',
  claimSeconds: 60,
  returnSeconds: 600,
  extensionsMax: 2,
  frameOrigins: [],
  language: null,
  version: 2,
  counts: { joined: 5_000, waiting: 4_200, away: 100, active: 380, admitted: 700, returned: 320 },
  fairness: { oldestWaiterSeconds: 34.5, rateError: 0, longestStallSeconds: 0, inversions: 0, setAsideTooSoon: 0 },
}
