import type { DiagnosisToken, Handover, PassExtension } from '../../http/shop.ts'
import type {
  Board,
  JoinResponse,
  LogEntry,
  SalePutInput,
  SaleResource,
  TicketStatus,
} from '../../http/waiting-room.ts'

/** The sale in all examples of the OpenAPI document. */
const DEMO = { id: 'demo', name: 'Demo: everything at half price' }
const TIMES = { opensAt: '2027-03-28T10:00:00.000Z', closesAt: '2027-03-28T18:00:00.000Z' }
const SETTINGS = { name: DEMO.name, admitPerSecond: 20, maxActive: 400, admissionTtlSeconds: 300 }

/** Has no times, so that the example is valid at any time. */
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
  returnOrigins: [],
  defaultReturnUrl: null,
  identity: null,
  language: null,
  version: 2,
  counts: { joined: 5_000, waiting: 4_200, away: 100, active: 380, admitted: 700, returned: 320 },
  fairness: { oldestWaiterSeconds: 34.5, rateError: 0, longestStallSeconds: 0, inversions: 0, setAsideTooSoon: 0 },
}

const SNAPSHOT = 1_806_228_035_120
export const JOINED: JoinResponse = {
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

const ADMISSION = 'eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiI5YjFjLTQyIn0.c2lnbmF0dXJl'
export const PASS_EXTENSION: PassExtension = {
  admission: ADMISSION,
  expiresAt: '2027-01-01T00:06:00.000Z',
  extensions: { taken: 1, remaining: 1, seconds: 60 },
}
export const HANDOVER: Handover = {
  url: `https://shop.example/checkout?basket=7&floodgate=${ADMISSION}.eyJ0eXAiOiJoYW5kb3Zlcitqd3QifQ.eyJqdGkiOiI5YjFjLTQyIn0.c2ln`,
  expiresAt: '2027-01-01T00:01:00.000Z',
}
export const DIAGNOSIS_TOKEN: DiagnosisToken = {
  token: 'eyJ0eXAiOiJkaWFnbm9zaXMrand0In0.eyJzYWxlIjoiZGVtbyJ9.c2lnbmF0dXJl',
  expiresAt: '2027-01-01T00:15:00.000Z',
}

export const STATUS: TicketStatus = {
  state: 'waiting',
  saleState: 'open',
  position: 4_201,
  etaSeconds: 210,
  pollAfterMs: 12_000,
  snapshot: SNAPSHOT,
  returners: 3,
}
export const BOARD: Board = {
  sale: DEMO.id,
  name: DEMO.name,
  saleState: 'open',
  snapshot: SNAPSHOT,
  waiting: 4_200,
  active: 380,
  admitted: 700,
  admitPerSecond: 20,
  ...TIMES,
  edge: 900,
  marks: [
    [0, 701],
    [1_000, 1_802],
    [4_000, 4_805],
  ],
  at: '2027-03-28T10:00:35.120Z',
}

export const REVOCATIONS = {
  sale: 'demo',
  revocations: [{ slot: '9m2KcV5tR8wXzQ1bN4hJ6g', passExpiresAt: '2027-03-28T10:05:00.000Z' }],
}
export const ENDED_PASS = {
  admission: 'eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0.eyJzdWIiOiJ3cTFWIn0.c2lnbmF0dXJl',
  readableUntil: '2027-03-29T10:00:35.000Z',
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

const ENTRY_EXAMPLE: LogEntry = {
  id: '1806228035120-0',
  at: '2027-03-28T10:00:35.120Z',
  kind: 'admitted',
  place: 701,
  slot: '9m2KcV5tR8wXzQ1bN4hJ6g',
}
export const LOG = { entries: [ENTRY_EXAMPLE], next: null }
export const SLOT_TRACE = { steps: [{ at: ENTRY_EXAMPLE.at, app: 'waiting-room' as const, step: 'buyer.admitted' }] }
