/** The ways that orders are usually placed, each as a small server of its own. */
export const wayNames = ['distributed-lock', 'pg-transaction'] as const
export type WayName = (typeof wayNames)[number]

export const wayTitles: Readonly<Record<WayName, string>> = {
  'distributed-lock': 'distributed lock (Redis) around a transaction',
  'pg-transaction': 'one `pg` transaction',
}
