/** The usual strategies of placing an order, each a small server of its own. */
export const strategyNames = ['distributed-lock', 'pg-transaction'] as const
export type StrategyName = (typeof strategyNames)[number]

export const strategyTitles: Readonly<Record<StrategyName, string>> = {
  'distributed-lock': 'distributed lock (Redis) around a transaction',
  'pg-transaction': 'one `pg` transaction',
}
