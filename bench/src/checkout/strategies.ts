/** How orders are usually placed: each strategy as a small server of its own. */
export const strategyNames = ['distributed-lock', 'pg-transaction'] as const
export type StrategyName = (typeof strategyNames)[number]

export const strategyTitles: Readonly<Record<StrategyName, string>> = {
  'distributed-lock': 'distributed lock (Redis) around a transaction',
  'pg-transaction': 'one `pg` transaction',
}
