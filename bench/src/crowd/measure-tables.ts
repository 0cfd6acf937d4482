import type { Measures } from '@floodgate/crowd'

/** How the buyers ended, most frequent first. Pure. */
export function outcomeTable(outcomes: Measures['outcomes']): string {
  const rows = Object.entries(outcomes)
    .toSorted(([, left], [, right]) => right - left)
    .map(([outcome, count]) => `| ${outcome} | ${count} |`)
  return ['| how it ended | buyers |', '|---|---|', ...rows].join('\n')
}

/** How long each kind of answer took the buyers, in ms. Pure. */
export function timingTable(timings: Measures['timings']): string {
  const rows = Object.entries(timings).map(
    ([operation, { count, p50, p95, p99, max }]) =>
      `| ${operation} | ${count} | ${[p50, p95, p99, max].map((ms) => ms.toFixed(1)).join(' | ')} |`,
  )
  return ['| asked for | answers | p50 ms | p95 ms | p99 ms | max ms |', '|---|---|---|---|---|---|', ...rows].join(
    '\n',
  )
}
