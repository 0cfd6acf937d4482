import { parseArgs } from 'node:util'
import { deadLetterGroup, deadLetterId } from '@floodgate/contracts'

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly problem: string }
  /** Without a group: the number of letters in each group. */
  | { readonly kind: 'list'; readonly group?: string; readonly order: 'newest' | 'oldest' }
  | { readonly kind: 'read'; readonly group: string; readonly id: string }
  | { readonly kind: 'replay' | 'drop'; readonly group: string; readonly ids: readonly string[] | 'all' }

/** Parses the command line; reports the first problem. Pure. */
export function parseCommand(argv: readonly string[]): Command {
  try {
    return parse(argv)
  } catch (error) {
    return { kind: 'invalid', problem: error instanceof Error ? error.message : String(error) }
  }
}

function parse(argv: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      group: { type: 'string', short: 'g' },
      all: { type: 'boolean', default: false },
      oldest: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return { kind: 'help' }
  const [verb, ...ids] = positionals
  const { group } = values
  if (group !== undefined && !deadLetterGroup.safeParse(group).success)
    throw new Error(`--group is a group such as order-core.saga, not "${group}".`)
  const wrong = ids.find((id) => !deadLetterId.safeParse(id).success)
  if (wrong !== undefined) throw new Error(`"${wrong}" is not the id of a dead letter; list shows them.`)
  if (verb === 'list') {
    if (ids.length > 0 || values.all) throw new Error('list takes --group and --oldest only.')
    return { kind: 'list', order: values.oldest ? 'oldest' : 'newest', ...(group === undefined ? {} : { group }) }
  }
  if (verb !== 'read' && verb !== 'replay' && verb !== 'drop')
    throw new Error(verb === undefined ? 'Name a command.' : `No command is called "${verb}".`)
  if (group === undefined) throw new Error(`${verb} needs --group.`)
  if (values.oldest) throw new Error('--oldest is for list; replay always begins with the oldest.')
  if (verb === 'read') {
    const [id, ...others] = ids
    if (id === undefined || others.length > 0 || values.all) throw new Error('read takes one id.')
    return { kind: 'read', group, id }
  }
  if (values.all === ids.length > 0) throw new Error(`${verb} takes ids, or --all.`)
  return { kind: verb, group, ids: values.all ? 'all' : [...new Set(ids)] }
}

export const HELP = `npm run dead-letters -- COMMAND    events that a group of consumers could not handle

  list                              how many each group has
  list --group GROUP [--oldest]     those of one group, the newest first, or the oldest
  read --group GROUP ID             one, with its content (no e-mail addresses, no payment methods)
  replay --group GROUP ID…          hands them to that group once more; repair the cause first
  replay --group GROUP --all        all of them, oldest first
  drop --group GROUP ID…            gives them up: they are deleted permanently
  drop --group GROUP --all          all that exist now

Groups are named after their app: order-core.saga, payment-worker.charges, notifier.mails, waiting-room.slots …
Asks the running system (its data directory: FLOODGATE_DATA, default .data), or the apps at WAITING_ROOM_URL,
ORDER_CORE_URL, PAYMENT_WORKER_URL and NOTIFIER_URL with ADMIN_TOKEN.
Exit codes: 0 done; 1 some failed again, were postponed or do not exist; 2 invalid command, or an app did not respond.
`
