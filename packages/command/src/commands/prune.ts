import { bodyOf } from '@floodgate/client'
import { ownRoutes } from '@floodgate/contracts'
import { type Command, unchanged } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { expectApp } from '../own-addresses.ts'

const DAY_MS = 86_400_000

function daysSince(oldest: string | null): string {
  return oldest === null ? '–' : ((Date.now() - Date.parse(oldest)) / DAY_MS).toFixed(1)
}

const prune: Command = {
  name: 'prune',
  summary: 'Deletes now what is older than its retention setting; the apps do it by themselves in rounds',
  description:
    'A round has a bounded number of rows: repeat it for more. Rows are exported first where RETENTION_EXPORT_DIR is set.',
  options: { 'dry-run': { type: 'boolean', description: 'Shows the age of the oldest rows, and deletes nothing' } },
  examples: ['floodgate prune --dry-run', 'floodgate prune --yes'],
  role: 'admin',
  asks: true,
  found: 'some rows could not be deleted',
  async run({ apps, input, confirm }) {
    const clients = apps.names().map((app) => apps.of(app, ownRoutes))
    const before = await Promise.all(
      apps.names().map(async function readRetention(app) {
        const state = await bodyOf(apps.of(app, ownRoutes).readRetention())
        expectApp(app, state.app)
        return state
      }),
    )
    const tables = before.flatMap(({ app, tables: kept }) => kept.map((each) => ({ app, ...each })))
    const view = {
      kind: 'table' as const,
      columns: ['app', 'table', 'oldest row, days'],
      rows: tables.map(({ app, table, oldest }) => [app, table, daysSince(oldest)]),
      empty: 'Everything is kept forever.',
    }
    if (input.flag('dry-run')) return { data: { tables }, view }
    const oldest = tables.map((each) => `${each.table} ${daysSince(each.oldest)}`).join(', ')
    if (!(await confirm(`Rows past their retention time will be deleted for good. Oldest rows, in days: ${oldest}.`)))
      return unchanged()
    const reports = await Promise.all(clients.map((client) => bodyOf(client.runRetention())))
    const deleted = reports.flatMap(({ app, deleted: rows }) =>
      Object.entries(rows).map(([table, count]) => ({ app, table, count })),
    )
    const failed = tables.filter(({ app, table }) => !deleted.some((each) => each.app === app && each.table === table))
    return {
      data: { deleted, failed: failed.map(({ app, table }) => ({ app, table })) },
      view: {
        kind: 'table',
        columns: ['app', 'table', 'deleted'],
        rows: [
          ...deleted.map(({ app, table, count }) => [app, table, count]),
          ...failed.map(({ app, table }) => [app, table, 'failed: see the log of the app']),
        ],
        empty: 'Everything is kept forever.',
      },
      exit: failed.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

export const pruneCommands: readonly Command[] = [prune]
