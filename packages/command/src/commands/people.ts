import { bodyOf } from '@floodgate/client'
import { type OperatorToken, ROLES, type Role, TOKEN_DAYS_MAX } from '@floodgate/contracts'
import { type Command, unchanged } from '../command.ts'
import { UsageError } from '../usage-error.ts'
import type { Cell } from '../view.ts'

const AUDIT_ENTRIES = 50
const DAYS = 90

function stateOf({ expiresAt, revokedAt }: OperatorToken): string {
  if (revokedAt !== null) return 'revoked'
  return Date.parse(expiresAt) <= Date.now() ? 'expired' : 'in force'
}

const list: Command = {
  name: 'tokens list',
  summary: 'Lists the operator tokens, also expired and revoked ones',
  examples: ['floodgate tokens list'],
  role: 'admin',
  async run({ apps }) {
    const data = await bodyOf(apps.rooms().listTokens())
    return {
      data,
      view: {
        kind: 'table',
        columns: ['id', 'role', 'state', 'expires at', 'created by', 'name'],
        rows: data.tokens.map((token): Cell[] => [
          ...[token.id, token.role, stateOf(token)],
          ...[token.expiresAt, token.createdBy, token.name],
        ]),
        empty: 'There is no token besides ADMIN_TOKEN.',
      },
    }
  },
}

const create: Command = {
  name: 'tokens create',
  summary: 'Creates a token for a person or a program, and shows it once',
  description:
    'A viewer reads; an operator also runs sales and repairs; an admin also deletes, erases buyers and makes tokens.',
  arguments: [{ name: 'name', description: 'Whose token it is; the audit names it' }],
  options: {
    role: { type: 'string', value: 'ROLE', choices: ROLES, description: `One of ${ROLES.join(', ')}` },
    days: {
      type: 'number',
      value: 'N',
      min: 1,
      max: TOKEN_DAYS_MAX,
      description: `Days until it expires; ${DAYS} by default`,
    },
  },
  examples: [
    'floodgate tokens create Ada --role operator',
    'floodgate tokens create dashboards --role viewer --days 366',
  ],
  role: 'admin',
  async run({ apps, input }) {
    const role = input.text('role') as Role | undefined
    if (role === undefined) throw new UsageError(`floodgate tokens create needs --role: ${ROLES.join(', ')}.`)
    const body = { name: input.argument('name'), role, days: input.number('days') ?? DAYS }
    const data = await bodyOf(apps.roomsOnce().createToken({ body }))
    return {
      data,
      view: {
        kind: 'facts',
        facts: [
          ['token', data.token],
          ['id', data.id],
          ['name', data.name],
          ['role', data.role],
          ['expires at', data.expiresAt],
          ['note', 'The token is not shown again. Set it as FLOODGATE_TOKEN, or enter it in the console.'],
        ],
      },
    }
  },
}

const revoke: Command = {
  name: 'tokens revoke',
  summary: 'Revokes a token: every process rejects it within three seconds. Safe to repeat',
  arguments: [{ name: 'id', description: 'Id of the token; floodgate tokens list shows it' }],
  examples: ['floodgate tokens revoke 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b'],
  role: 'admin',
  asks: true,
  async run({ apps, input, confirm }) {
    const id = input.argument('id')
    const { tokens } = await bodyOf(apps.rooms().listTokens())
    const token = tokens.find((each) => each.id === id)
    // One that is not listed is left to the app.
    const whose = token === undefined ? id : `${id} of ${token.name} (${token.role}, ${stateOf(token)})`
    if (!(await confirm(`1 token, ${whose}, will be revoked for good.`))) return unchanged()
    const data = await bodyOf(apps.rooms().revokeToken({ params: { id } }))
    return { data, view: { kind: 'text', text: `The token of ${data.name} is revoked since ${data.revokedAt}.` } }
  },
}

const whoami: Command = {
  name: 'whoami',
  summary: 'Shows whose token this is, and its role',
  examples: ['floodgate whoami'],
  role: 'viewer',
  async run({ apps }) {
    const data = await bodyOf(apps.rooms().readOwnToken())
    return {
      data,
      view: {
        kind: 'facts',
        facts: [
          ['name', data.name],
          ['role', data.role],
          ['id', data.id],
          ['expires at', data.expiresAt],
        ],
      },
    }
  },
}

const audit: Command = {
  name: 'audit',
  summary: 'Shows who did what: state-changing requests of operators to any app, the newest first',
  options: {
    sale: { type: 'string', value: 'SALE', description: 'Only those on this sale' },
    by: { type: 'string', value: 'ID', description: 'Only those with the token of this id' },
    last: { type: 'number', value: 'N', min: 1, max: 1_000, description: `Entries; ${AUDIT_ENTRIES} by default` },
    before: { type: 'string', value: 'ID', description: 'Only entries older than this one' },
  },
  examples: ['floodgate audit --sale demo', 'floodgate audit --by 7f3b8c1e-0a4d-4e5f-8a9b-0c1d2e3f4a5b --last 500'],
  role: 'viewer',
  async run({ apps, input }) {
    const query = {
      limit: input.number('last') ?? AUDIT_ENTRIES,
      sale: input.text('sale'),
      token: input.text('by'),
      before: input.text('before'),
    }
    const data = await bodyOf(apps.rooms().listAudit({ query }))
    return {
      data,
      view: {
        kind: 'table',
        columns: ['id', 'at', 'who', 'role', 'app', 'status', 'what'],
        rows: data.entries.map(({ id, at, token, app, status, code, method, route, target }): Cell[] => [
          ...[id, at, token.name, token.role, app, code === null ? status : `${status} ${code}`],
          `${method} ${route.replace(/\{(\w+)\}/g, (_, name: string) => target[name] ?? name)}`,
        ]),
        empty: 'There is no such entry.',
      },
    }
  },
}

export const peopleCommands: readonly Command[] = [list, create, revoke, whoami, audit]
