import type { Board, JoinAnswer, LogEntry, SalePutInput, SaleResource, TicketStatus } from '@floodgate/contracts'

/** Examples of the OpenAPI document: one sale, and one buyer in its line. */
const sale = 'demo'
const name = 'Demo: everything at half price'
const settings = { name, admitPerSecond: 20, maxActive: 400, admissionTtlSeconds: 300 }
const times = { opensAt: '2027-03-28T10:00:00.000Z', closesAt: '2027-03-28T18:00:00.000Z' }

/** The times of a sale are left to its operator, so that the example holds at any time. */
export const SALE_PUT: SalePutInput & { language: null } = {
  ...settings,
  claimSeconds: 60,
  returnSeconds: 600,
  extensionsMax: 2,
  language: null,
}
export const SALE: SaleResource = {
  id: sale,
  ...settings,
  ...times,
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

const snapshot = 1_806_228_035_120
export const JOINED: JoinAnswer = {
  ticket: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiJ3cTFWIn0.c2lnbmF0dXJl',
  place: 5_001,
  position: 4_201,
  etaSeconds: 210,
  pollAfterMs: 12_000,
  saleState: 'open',
}
export const EXTENDED: TicketStatus = {
  state: 'admitted',
  saleState: 'open',
  position: null,
  etaSeconds: null,
  pollAfterMs: 15_000,
  snapshot: 1_798_761_600_000,
  admission: 'eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiI5YjFjLTQyIn0.c2lnbmF0dXJl',
  expiresAt: '2027-01-01T00:06:00.000Z',
  extensions: { taken: 1, remaining: 1, seconds: 60 },
}

export const STATUS: TicketStatus = {
  state: 'waiting',
  saleState: 'open',
  position: 4_201,
  etaSeconds: 210,
  pollAfterMs: 12_000,
  snapshot,
  returners: 3,
}
export const BOARD: Board = {
  sale,
  name,
  saleState: 'open',
  snapshot,
  waiting: 4_200,
  active: 380,
  admitted: 700,
  admitPerSecond: 20,
  ...times,
  edge: 900,
  marks: [
    [0, 701],
    [1_000, 1_802],
    [4_000, 4_805],
  ],
  at: '2027-03-28T10:00:35.120Z',
}
const admission = 'eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiJ3cTFWIn0.c2lnbmF0dXJl'
export const ENDED_PASS = { admission, readableUntil: '2027-03-29T10:00:35.000Z' }
export const REVOCATIONS = {
  sale,
  revocations: [{ slot: '9m2KcV5tR8wXzQ1bN4hJ6g', passExpiresAt: '2027-03-28T10:05:00.000Z' }],
}
export const KEYS = {
  keys: [
    {
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'k1',
      alg: 'EdDSA',
      use: 'sig',
    },
  ],
}
const ENTRY: LogEntry = {
  id: '1806228035120-0',
  at: '2027-03-28T10:00:35.120Z',
  kind: 'admitted',
  place: 701,
  slot: '9m2KcV5tR8wXzQ1bN4hJ6g',
}
export const LOG = { entries: [ENTRY], next: null }
export const SLOT = { steps: [{ at: ENTRY.at, app: 'waiting-room' as const, step: 'buyer.admitted' }] }
