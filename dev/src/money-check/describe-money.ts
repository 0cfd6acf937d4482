import type { MoneyCheck } from '@floodgate/contracts'

/** Formats the check: the totals, then one line per finding. */
export function describeMoney({ ok, charges, orders, underWay, findings }: MoneyCheck): string {
  const sum = `${charges} approved charges, ${orders} orders, ${underWay} under way: ${ok ? 'all right' : `${findings.length} wrong`}`
  const lines = findings.map(
    ({ order, problem, status, charges: ids }) =>
      `${problem}  order ${order} (${status ?? 'unknown'})  charges ${ids.join(', ') || 'none'}`,
  )
  return `${[sum, ...lines].join('\n')}\n`
}
