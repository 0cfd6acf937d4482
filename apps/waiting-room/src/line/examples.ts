import type { Board, JoinAnswer, TicketStatus } from '@floodgate/contracts'
import { DEMO, TIMES } from '../sales/examples.ts'

const SNAPSHOT = 1_806_228_035_120
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
