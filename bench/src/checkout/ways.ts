/** The ways that sources of this project place an order, each as a small server of its own. */
export const wayNames = [
  'distributed-lock',
  'lock-released-early',
  'row-lock',
  'prisma-transaction',
  'pg-transaction',
  'pg-statement',
] as const
export type WayName = (typeof wayNames)[number]

/** Those that are compared; the one with the mistake only has to show it. */
export const soundWays = [
  'distributed-lock',
  'row-lock',
  'prisma-transaction',
  'pg-transaction',
  'pg-statement',
] as const

export const wayTitles: Readonly<Record<WayName, string>> = {
  'distributed-lock': 'distributed lock (Redis) around a transaction',
  'lock-released-early': 'the same, lock given back before the commit',
  'row-lock': '`SELECT … FOR UPDATE`',
  'prisma-transaction': 'one Prisma interactive transaction',
  'pg-transaction': 'one `pg` transaction',
  'pg-statement': 'the same as a single statement',
}
