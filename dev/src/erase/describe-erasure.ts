import type { Apps } from '../operator/find-apps.ts'
import type { Erasure } from './erase-buyer.ts'

/** Describes the result of each queried app. */
export function describeErasure({ reports, remaining }: Erasure, { urls }: Pick<Apps, 'urls'>): string {
  const asked = Object.values(urls).map((url) => `queried ${url}`)
  const lines = reports.flatMap(({ app, erased }) =>
    Object.entries(erased).map(([table, rows]) => `${app.padEnd(15)} ${table.padEnd(22)} ${rows} erased`),
  )
  const left = remaining.map(({ what, why }) => `stays for now: ${what}: ${why}`)
  const isKnown = remaining.length > 0 || reports.some(({ erased }) => Object.values(erased).some((rows) => rows > 0))
  const unknown = isKnown ? [] : ['Nothing was found: no app knows this buyer (any more).']
  return `${[...asked, ...lines, ...left, ...unknown].join('\n')}\n`
}
