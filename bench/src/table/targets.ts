/** One target of the product on two cores, everything on the same machine, including the load generator. */
export interface Target {
  readonly what: string
  readonly measuredBy: readonly {
    readonly bench: string
    /** Selects its thresholds by the beginning of their texts; default all. */
    readonly beginning?: readonly string[]
    readonly but?: readonly string[]
  }[]
}

const RATE = ['admissions of']

export const targets: readonly Target[] = [
  {
    what: 'personal status, waiter not at the front',
    measuredBy: [{ bench: 'line', beginning: ['personal status', 'Redis commands of a personal status'] }],
  },
  { what: 'board', measuredBy: [{ bench: 'line', beginning: ['board'] }] },
  {
    what: 'join (durable place, signed ticket)',
    measuredBy: [{ bench: 'line', beginning: ['joins', 'Redis round trips of a join'] }],
  },
  {
    what: 'status with 1,000,000 waiting, of that with 1,000',
    measuredBy: [{ bench: 'long-lines' }],
  },
  {
    what: 'archive of a log, one process',
    measuredBy: [{ bench: 'archive' }],
  },
  {
    what: 'accepted orders per second',
    measuredBy: [{ bench: 'checkout-ways' }],
  },
  {
    what: 'accepted → confirmed through Kafka, provider 50 ms',
    measuredBy: [{ bench: 'confirm' }],
  },
  {
    what: 'sockets, 10,000 in one process',
    measuredBy: [{ bench: 'sockets' }],
  },
  {
    what: 'ramp-10k',
    measuredBy: [{ bench: 'ramp-10k', but: RATE }],
  },
  {
    what: 'rate during ramp-10k, three processes',
    measuredBy: [{ bench: 'ramp-10k', beginning: RATE }],
  },
  {
    what: 'idle, an open and empty sale',
    measuredBy: [{ bench: 'idle' }],
  },
  {
    what: 'the gate of a shop: verification, and an unprotected path',
    measuredBy: [{ bench: 'gate' }],
  },
  ...['l1', 'l2', 'l3', 'l4', 'l5', 'l6', 'l7', 'l8', 'l9', 'l10', 'l11'].map((bench) => ({
    what: `${bench.toUpperCase()}, a load that a flash-sale shop reports`,
    measuredBy: [{ bench }],
  })),
]
