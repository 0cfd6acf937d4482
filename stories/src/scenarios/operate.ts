import { randomUUID } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { COMMANDS, run } from '@floodgate/command'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import type { TestSystem } from '../client/test-system.ts'

const SALE = 'operated'
const MADE = 'made-by-command'

/** Every command of the table does its work on the running apps, with tables and with JSON, and is rejected by role. */
export async function operate(testSystem: TestSystem): Promise<void> {
  const command = commandsOn(testSystem)
  const { done, rejected } = command
  await testSystem.operator.openSale(SALE, { items: [coat(5)] })
  const buyer = await testSystem.admitted('operated-buyer', SALE)
  const order = await buyer.order()
  await buyer.untilOrderIs(order.id, 'confirmed')

  const settings = ['--name', 'Made', '--rate', '5', '--max-active', '10', '--time-to-buy', '300']
  expect(await done(['sales create', MADE, ...settings])).toMatchObject({ id: MADE, state: 'scheduled' })
  expect(await done(['sales create', MADE, ...settings])).toMatchObject({ id: MADE, version: 1 })
  await rejected(['sales create', MADE, ...settings.with(3, '6')], 'version-conflict')
  expect(await done(['sales change', MADE, '--rate', '7.5'])).toMatchObject({ admitPerSecond: 7.5, maxActive: 10 })
  expect(await done(['sales list'])).toMatchObject({
    sales: expect.arrayContaining([expect.objectContaining({ id: MADE })]),
  })
  for (const [act, state] of [
    ['open', 'open'],
    ['pause', 'paused'],
    ['resume', 'open'],
    ['close', 'closed'],
    ['reopen', 'paused'],
  ])
    expect(await done([`sales ${act}`, MADE])).toMatchObject({ state })
  expect(await done(['sales show', MADE])).toMatchObject({ state: 'paused', admitPerSecond: 7.5 })
  expect(await done(['line', SALE, '--last', '5'])).toMatchObject({ sale: SALE, counts: { admitted: 1 } })

  expect(await done(['stock check', SALE])).toMatchObject({
    agree: true,
    skus: [{ postgres: { sold: 1, available: 4 } }],
  })
  expect(await done(['stock repair', SALE])).toMatchObject({
    agree: true,
    skus: [{ redis: { sold: 1, available: 4 } }],
  })
  await rejected(['stock repair', 'unknown'], 'not-found')
  expect(await done(['stock audit', SALE])).toEqual({ ok: true, ordersDeleted: false, findings: [] })
  await rejected(['stock audit', 'unknown'], 'not-found')

  const terms = ['--name', 'Spring', '--percent', '20', '--total', '3']
  expect(await done(['vouchers set', SALE, 'spring', ...terms])).toMatchObject({ campaign: 'spring', total: 3 })
  expect(await done(['vouchers set', SALE, 'spring', '--cap', '700'])).toMatchObject({ name: 'Spring', total: 3 })
  const percent = ['--percent', '25']
  expect(await done(['vouchers set', SALE, 'spring', ...percent])).toMatchObject({ discount: { capMinor: 700 } })
  expect(await done(['vouchers list', SALE])).toMatchObject({ campaigns: [{ campaign: 'spring', issued: 0 }] })

  expect(await done(['orders show', order.id])).toMatchObject({ id: order.id, status: 'confirmed' })
  await rejected(['orders cancel', order.id], 'order-not-cancellable')
  await rejected(['orders repeat-refund', order.id], 'order-not-refundable')
  await rejected(['orders refund', order.id, '--items', 'COAT=9', '--reason', 'torn'], 'refund-too-large')
  expect(await command(['orders find', '0000-0000'])).toMatchObject({ exit: 1, data: { orders: [] } })
  const { steps } = (await done(['orders trace', order.id])) as { steps: { app: string }[] }
  expect(new Set(steps.map(({ app }) => app))).toEqual(
    new Set(['waiting-room', 'order-core', 'payment-worker', 'notifier']),
  )

  expect(await done(['refunds list'])).toEqual({ refunds: [] })
  await rejected(['refunds made', randomUUID(), '--reference', 're_1'], 'not-found')
  expect(await done(['captures list'])).toEqual({ captures: [] })
  await rejected(['captures repeat', randomUUID()], 'not-found')
  expect(await command(['money check'])).toMatchObject({ exit: 0, data: { ok: true } })
  const { groups } = (await command(['dead-letters list'])).data as { groups: { group: string }[] }
  expect(groups.map(({ group }) => group)).toContain('order-core.saga')
  await rejected(['dead-letters show', 'order-core.saga', '1-1'], 'not-found')
  for (const verb of ['replay', 'drop'])
    expect(await command([`dead-letters ${verb}`, 'order-core.saga', '1-1'])).toMatchObject({
      exit: 1,
      data: { counts: { missing: 1 } },
    })
  expect(await done(['parked list'])).toEqual({ parked: [] })
  for (const verb of ['retry', 'drop']) await rejected([`parked ${verb}`, randomUUID()], 'not-found')
  expect(await done(['mails list'])).toMatchObject({ mails: [] })
  expect(await done(['mails retry'])).toEqual({ retried: 0, dead: 0 })
  expect(await done(['webhooks list'])).toMatchObject({ webhooks: [] })
  expect(await done(['webhooks replay'])).toMatchObject({ replayed: 0, dead: 0 })
  expect(await done(['webhooks drop'])).toEqual({ dropped: 0, dead: 0 })
  await rejected(['webhooks drop', 'unknown'], 'not-found')

  const { processes, findings } = (await command(['doctor'])).data as {
    processes: { app: string }[]
    findings: unknown[]
  }
  expect([new Set(processes.map(({ app }) => app)).size, findings]).toEqual([4, []])
  expect(await done(['outbox'])).toMatchObject({
    outboxes: expect.arrayContaining([expect.objectContaining({ app: 'order-core' })]),
  })
  const stranger = randomUUID()
  expect(await done(['erase', '--buyer', stranger, '--dry-run'])).toEqual({ orders: [], remaining: [] })
  expect(await done(['erase', '--buyer', stranger])).toMatchObject({ remaining: [] })
  expect(await done(['prune', '--dry-run'])).toMatchObject({
    tables: expect.arrayContaining([expect.objectContaining({ app: 'notifier' })]),
  })
  expect(await done(['prune'])).toMatchObject({
    deleted: expect.arrayContaining([{ app: 'order-core', table: 'orders.orders', count: 0 }]),
  })

  const { id, token } = (await done(['tokens create', 'Vera', '--role', 'viewer'])) as { id: string; token: string }
  expect(await done(['whoami'], token)).toMatchObject({ id, name: 'Vera', role: 'viewer' })
  await rejected(['sales pause', SALE], 'role-too-low', token)
  expect(await done(['audit', '--by', id], token)).toMatchObject({
    entries: [{ token: { name: 'Vera' }, status: 403, sale: SALE }],
  })
  expect(JSON.stringify(await done(['tokens list']))).not.toContain(token)
  expect(await done(['tokens revoke', id])).toMatchObject({ id, revokedAt: expect.any(String) })
  expect([...command.ran].sort()).toEqual(COMMANDS.map(({ name }) => name).sort())
}

type Words = readonly [name: string, ...rest: string[]]

/** Runs commands on the system: twice, for its table and for its JSON, where it changes nothing. */
function commandsOn({ system }: TestSystem) {
  const { urls, adminToken } = system
  const environment = {
    WAITING_ROOM_URL: urls.waitingRoom,
    ORDER_CORE_URL: urls.orderCore,
    PAYMENT_WORKER_URL: urls.paymentWorker,
    NOTIFIER_URL: urls.notifier,
  }
  const ran = new Set<string>()

  async function runOnce(argv: readonly string[], token: string) {
    const [input, output, errors] = [new PassThrough(), new PassThrough(), new PassThrough()]
    const around = { environment: { ...environment, FLOODGATE_TOKEN: token }, input, output, errors }
    const exit = await run(argv, COMMANDS, around)
    const textIn = (stream: PassThrough) => (stream.read() as Buffer | null)?.toString('utf8') ?? ''
    return { exit, out: textIn(output), errors: textIn(errors) }
  }

  async function command([name, ...rest]: Words, token: string = adminToken) {
    const declared = COMMANDS.find((each) => each.name === name)
    if (declared === undefined) throw new Error(`There is no command ${name}.`)
    ran.add(name)
    const argv = [...name.split(' '), ...rest, ...(declared.asks === true ? ['--yes'] : [])]
    const { exit, out, errors } = await runOnce([...argv, '--json'], token)
    if (declared.role === 'viewer') {
      const shown = await runOnce(argv, token)
      expect(shown, name).toMatchObject({ exit, out: exit > 1 ? '' : expect.stringMatching(/\n$/) })
    }
    return { exit, data: JSON.parse(out) as unknown, errors }
  }

  return Object.assign(command, {
    ran,
    async done(words: Words, token?: string): Promise<unknown> {
      const { exit, data, errors } = await command(words, token)
      expect({ words, exit, errors }).toEqual({ words, exit: 0, errors })
      return data
    },
    async rejected(words: Words, code: string, token?: string): Promise<void> {
      expect(await command(words, token), words.join(' ')).toMatchObject({ exit: 3, data: { error: code } })
    },
  })
}
