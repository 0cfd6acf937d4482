/** One line of what the product is to reach on two cores, everything on the same machine, load generator included. */
export interface Promised {
  readonly what: string
  readonly bar: string
  readonly measuredBy: readonly {
    readonly bench: string
    /** Which of its bars, by the beginning of what they measure; all when nothing is said. */
    readonly beginning?: readonly string[]
    readonly but?: readonly string[]
  }[]
}

const RATE = ['admissions of']

export const promises: readonly Promised[] = [
  {
    what: 'personal status, waiter not at the front',
    bar: '≥ 0.75 × bare Hono in the same run, no Redis command',
    measuredBy: [{ bench: 'line', beginning: ['personal status', 'Redis commands of a personal status'] }],
  },
  { what: 'board', bar: '≥ 0.9 × bare Hono', measuredBy: [{ bench: 'line', beginning: ['board'] }] },
  {
    what: 'join (durable place, signed ticket)',
    bar: '≥ 20,000/s by all processes together, one Redis round trip',
    measuredBy: [{ bench: 'line', beginning: ['joins', 'Redis round trips of a join'] }],
  },
  {
    what: 'status with 1,000,000 waiting, of that with 1,000',
    bar: '≤ 1.1 × the CPU per request; ≤ 150 bytes of Redis per waiter; tick ≤ 5 ms',
    measuredBy: [{ bench: 'long-lines' }],
  },
  {
    what: 'archive of a log, one process',
    bar: '≥ 10,000 admissions/s, each with its return; ≥ 0.4 × a plain INSERT of the same rows',
    measuredBy: [{ bench: 'archive' }],
  },
  {
    what: 'accepted orders per second',
    bar: '≥ 10 × the distributed-lock way, ≥ 3 × one transaction per order; ≥ 3,000/s',
    measuredBy: [{ bench: 'checkout-ways' }],
  },
  {
    what: 'accepted → confirmed through Kafka, provider 50 ms',
    bar: 'p99 < 1 s at 500 orders/s',
    measuredBy: [{ bench: 'confirm' }],
  },
  {
    what: 'sockets, 10,000 in one process',
    bar: '≤ 12 KiB resident each; push within 250 ms (p99) of the admission',
    measuredBy: [{ bench: 'sockets' }],
  },
  {
    what: 'ramp-10k and burst',
    bar: "every request answered, exactly the stock sold; p95 ≤ 1.5 × the bare twin, and < 50 ms by the server's own histogram",
    measuredBy: [
      { bench: 'ramp-10k', but: RATE },
      { bench: 'burst', but: RATE },
    ],
  },
  {
    what: 'rate during ramp-10k, three processes',
    bar: 'any 10 s within max(1 %, 1) of the rate, any second ≤ max(1.2 × the rate, the rate + 1)',
    measuredBy: [{ bench: 'ramp-10k', beginning: RATE }],
  },
  {
    what: 'idle, an open and empty sale',
    bar: 'four apps together ≤ 2 % of a core and ≤ 500 MB',
    measuredBy: [{ bench: 'idle' }],
  },
]
