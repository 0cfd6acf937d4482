import { bodyOf } from '@floodgate/client'
import { type DeadLetterSummary, deadLetterRoutes } from '@floodgate/contracts'
import { type Argument, type Command, type Context, type Option, type Outcome, unchanged } from '../command.ts'
import { actOnLetters, countUpTo, newestOf, pagesOf, sumsOf } from '../dead-letters/act-on-letters.ts'
import { checkedIds, openLetters } from '../dead-letters/letters.ts'
import { EXIT } from '../exit-codes.ts'
import { expectApp } from '../own-addresses.ts'
import { jsonText } from '../terminal-text.ts'
import { UsageError } from '../usage-error.ts'
import type { Cell } from '../view.ts'

const GROUP: Argument = { name: 'group', description: 'Such as order-core.saga; dead-letters list shows all' }
const IDS: Argument = { name: 'ids', description: 'Ids of dead letters', many: true, optional: true }
const ALL: Option = { type: 'boolean', description: 'All that exist when the command begins' }

function rowOf({ id, deadAt, type, key, replays, reason, replayReason }: DeadLetterSummary): Cell[] {
  return [id, deadAt, type, key, replays, replayReason ?? reason]
}

async function listGroups({ apps }: Context): Promise<Outcome> {
  const pages = await Promise.all(
    apps.names().map(async function countOf(app) {
      const { groups } = await bodyOf(apps.of(app, deadLetterRoutes).countDeadLetters())
      // A group is named after its app.
      for (const { group } of groups) expectApp(app, group.split('.')[0] ?? '')
      return groups
    }),
  )
  const groups = pages.flat()
  const isEmpty = groups.every(({ letters }) => letters === 0)
  return {
    data: { groups },
    view: {
      kind: 'table',
      columns: ['letters', 'group'],
      rows: groups.map(({ letters, group }) => [letters, group]),
      empty: 'No app consumes anything.',
    },
    exit: isEmpty ? EXIT.done : EXIT.found,
  }
}

const list: Command = {
  name: 'dead-letters list',
  summary: 'Lists how many dead letters each group has, or those of one group, the newest first',
  arguments: [{ ...GROUP, optional: true }],
  options: { oldest: { type: 'boolean', description: 'The oldest first' } },
  examples: ['floodgate dead-letters list', 'floodgate dead-letters list order-core.saga'],
  role: 'viewer',
  found: 'there are some',
  async run(context) {
    const group = context.input.argument('group')
    if (group === '') return await listGroups(context)
    const letters: DeadLetterSummary[] = []
    for await (const page of pagesOf(
      openLetters(context.apps, group),
      context.input.flag('oldest') ? 'oldest' : 'newest',
    ))
      letters.push(...page)
    return {
      data: { letters },
      view: {
        kind: 'table',
        columns: ['id', 'dead at', 'type', 'key', 'replays', 'reason'],
        rows: letters.map(rowOf),
        empty: `${group} has no dead letter.`,
      },
      exit: letters.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

const show: Command = {
  name: 'dead-letters show',
  summary: 'Shows one with its content, without e-mail addresses and payment methods',
  arguments: [GROUP, { name: 'id', description: 'Id of the dead letter' }],
  examples: ['floodgate dead-letters show order-core.saga 1806228035120-0'],
  role: 'viewer',
  async run({ apps, input }) {
    const [id = ''] = checkedIds([input.argument('id')])
    const data = await openLetters(apps, input.argument('group')).read(id)
    return { data, view: { kind: 'text', text: jsonText(data) } }
  },
}

async function act({ apps, input, confirm, note }: Context, verb: 'replay' | 'drop'): Promise<Outcome> {
  const group = input.argument('group')
  const named = checkedIds(input.words('ids'))
  const isAll = input.flag('all')
  if (isAll === named.length > 0) throw new UsageError(`floodgate dead-letters ${verb} takes ids, or --all.`)
  const letters = openLetters(apps, group)
  // Letters that arrive while the question waits for its answer are not meant.
  const ids = isAll ? { upTo: await newestOf(letters) } : named
  if (verb === 'drop') {
    const count = 'upTo' in ids ? await countUpTo(letters, ids.upTo) : named.length
    if (!(await confirm(`${count} dead letters of ${group} will be deleted for good.`))) return unchanged()
  }
  const { counts, failed, isComplete } = await actOnLetters(letters, { verb, ids, note })
  return {
    data: { group, counts, failed },
    view: {
      kind: 'all',
      views: [
        { kind: 'text', text: sumsOf(counts) },
        ...(failed.length === 0
          ? []
          : [
              {
                kind: 'table' as const,
                columns: ['id', 'outcome', 'reason'],
                rows: failed.map(({ id, outcome, reason }) => [id, outcome, reason]),
                empty: '',
              },
            ]),
      ],
    },
    exit: isComplete ? EXIT.done : EXIT.found,
  }
}

const replay: Command = {
  name: 'dead-letters replay',
  summary: 'Hands them to their group once more, oldest first; repair the cause before. Safe to repeat',
  arguments: [GROUP, IDS],
  options: { all: ALL },
  examples: ['floodgate dead-letters replay order-core.saga --all'],
  role: 'operator',
  found: 'some failed again, were postponed, or do not exist',
  run: (context) => act(context, 'replay'),
}

const drop: Command = {
  name: 'dead-letters drop',
  summary: 'Gives them up: they are deleted for good',
  arguments: [GROUP, IDS],
  options: { all: ALL },
  examples: [
    'floodgate dead-letters drop order-core.saga 1806228035120-0',
    'floodgate dead-letters drop notifier.mails --all --yes',
  ],
  role: 'admin',
  asks: true,
  found: 'some do not exist',
  run: (context) => act(context, 'drop'),
}

export const deadLetterCommands: readonly Command[] = [list, show, replay, drop]
