import type { Setting } from './state.ts'

const ANN = { buyer: 'ann', slot: 'S1' }
const BOB = { buyer: 'bob', slot: 'S2' }

const one = {
  units: 1,
  orders: [ANN],
  sends: [1],
  cancels: [0],
  repeats: 0,
  resends: 0,
  worksMax: 2,
  payments: 'in-full',
  relay: 'at-once',
  reconciler: true,
  lostCommits: false,
} as const satisfies Partial<Setting>

/** The explored settings: each omits something, and models the rest completely. */
export const SETTINGS = {
  sentTwice: { ...one, name: 'one order, its key sent twice, cancelled by its buyer', sends: [2], cancels: [1] },
  lossyBus: {
    ...one,
    name: 'one order, a relay that dies and sends again',
    resends: 1,
    cancels: [1],
    worksMax: 1,
    relay: 'in-full',
  },
  lostReplies: {
    ...one,
    name: 'one order, commits whose answer is lost, a refund requested again',
    repeats: 1,
    cancels: [1],
    worksMax: 1,
    lostCommits: true,
  },
  freeOrder: {
    ...one,
    name: 'one free order, its key sent twice, cancelled by its buyer',
    priceMinor: 0,
    sends: [2],
    cancels: [1],
  },
  oneUnit: {
    ...one,
    name: 'two buyers, one unit',
    orders: [ANN, BOB],
    sends: [1, 1],
    cancels: [0, 0],
    payments: 'till',
    reconciler: false,
  },
  oneSlot: {
    ...one,
    name: 'two keys on one slot, one of them sent twice',
    units: 2,
    orders: [ANN, ANN],
    sends: [2, 1],
    cancels: [0, 0],
    payments: 'till',
    reconciler: false,
  },
} as const satisfies Record<string, Setting>
