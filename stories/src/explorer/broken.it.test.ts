import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AbandonOrders, CreateSelling, CreateTakeHold, Decide, DecideFor, NextStep, PlanRefund } from './broken.ts'
import { createExplorer, type Patches } from './create-explorer.ts'
import { SETTINGS } from './settings.ts'
import type { Setting } from './state.ts'

/** Replacements of the product's own functions while a test breaks them. */
const broken = vi.hoisted(() => ({
  decide: undefined as ((actual: Decide) => Decide) | undefined,
  createTakeHold: undefined as ((actual: CreateTakeHold) => CreateTakeHold) | undefined,
  abandonOrders: undefined as AbandonOrders | undefined,
  nextStep: undefined as ((actual: NextStep) => NextStep) | undefined,
  createSelling: undefined as CreateSelling | undefined,
  planRefund: undefined as ((actual: PlanRefund) => PlanRefund) | undefined,
}))
vi.mock('../../../apps/order-core/src/order/decide.ts', async (original) => {
  const actual = await original<{ decide: Decide; decideFor: DecideFor }>()
  const decideFor: DecideFor = (order, fact) =>
    broken.decide === undefined ? actual.decideFor(order, fact) : broken.decide(actual.decide)(order.status, fact)
  return { ...actual, decideFor }
})
vi.mock('../../../apps/order-core/src/stock/hold.ts', async (original) => {
  const actual = await original<{ createTakeHold: CreateTakeHold }>()
  const createTakeHold: CreateTakeHold = (...args) =>
    (broken.createTakeHold?.(actual.createTakeHold) ?? actual.createTakeHold)(...args)
  return { ...actual, createTakeHold }
})
vi.mock('../../../apps/order-core/src/reconcile/abandon-orders.ts', async (original) => {
  const actual = await original<{ abandonOrders: AbandonOrders }>()
  const abandonOrders: AbandonOrders = (...args) => (broken.abandonOrders ?? actual.abandonOrders)(...args)
  return { ...actual, abandonOrders }
})
vi.mock('../../../apps/payment-worker/src/charging/next-step.ts', async (original) => {
  const actual = await original<{ nextStep: NextStep }>()
  const nextStep: NextStep = (...args) => (broken.nextStep?.(actual.nextStep) ?? actual.nextStep)(...args)
  return { ...actual, nextStep }
})
vi.mock('../../../apps/order-core/src/saga/late-payments.ts', async (original) => {
  const actual = await original<{ createSelling: CreateSelling }>()
  const createSelling: CreateSelling = (...args) => (broken.createSelling ?? actual.createSelling)(...args)
  return { ...actual, createSelling }
})
vi.mock('../../../apps/order-core/src/refunds/plan-refund.ts', async (original) => {
  const actual = await original<{ planRefund: PlanRefund }>()
  const planRefund: PlanRefund = (...args) => (broken.planRefund?.(actual.planRefund) ?? actual.planRefund)(...args)
  return { ...actual, planRefund }
})
afterEach(() =>
  Object.assign(broken, {
    decide: undefined,
    createTakeHold: undefined,
    abandonOrders: undefined,
    nextStep: undefined,
    createSelling: undefined,
    planRefund: undefined,
  }),
)

const small: Setting = { ...SETTINGS.sentTwice, sends: [1], cancels: [0], worksMax: 1 }
const till: Setting = { ...small, payments: 'till' }
const VOUCHER: Partial<Setting> = {
  orders: [{ buyer: 'ann', slot: 'S1', voucher: true }],
  campaign: { total: 1, amountMinor: 2, owners: ['ann'] },
}
/** A payment for an order that its buyer cancelled never confirms it. */
const cancelled: Setting = { ...till, cancels: [1] }

/** Returns the violation that the explorer finds, and the shortest path to it. */
async function find(setting: Setting, patches: Patches = {}): Promise<readonly (string | undefined)[]> {
  await using explorer = await createExplorer(setting, patches)
  const { violation } = await explorer.run({ statesMax: 1_000_000 })
  return [violation?.what, ...(violation?.trace ?? [])]
}

/** Breaks the decision about a payment for an order that is over. */
function decideLatePayment(decision: ReturnType<Decide>): void {
  broken.decide = (actual) => (status, fact) =>
    status === 'cancelled' && fact === 'payment-succeeded' ? decision : actual(status, fact)
}

/** Leaves statements out of a script. Throws when it does not have them, since then nothing would be broken. */
function without(script: string, statements: readonly string[]): NonNullable<Patches['patchLua']> {
  return function leaveOut(name, lua) {
    if (name !== script) return lua
    return statements.reduce((rest, statement) => {
      if (!rest.includes(statement)) throw new Error(`${script} has no ${statement}`)
      return rest.replace(statement, '')
    }, lua)
  }
}

/** Makes a request treat an adopted hold as its own. */
function takeAdoptedForOwn(): void {
  broken.createTakeHold =
    (actual) =>
    (...args) => {
      const takeHold = actual(...args)
      return async function takeHoldAsHeld(request) {
        const outcome = await takeHold(request)
        return outcome.kind === 'adopted' ? { ...outcome, kind: 'held' } : outcome
      }
    }
}

/** Breaks what the worker does after a provider call without a response. */
function doAfterSilence(step: ReturnType<NextStep>): void {
  broken.nextStep = (actual) => (charge, found, nowMs) =>
    found.charge?.kind === 'unavailable' && found.lookUp === undefined ? step : actual(charge, found, nowMs)
}

describe('a broken guarantee is found, by its shortest trace', () => {
  it('a late payment confirms an order without looking at its state', async () => {
    decideLatePayment({ kind: 'move', to: 'confirmed', announce: 'order.confirmed.v1' })
    expect(await find(cancelled)).toEqual([
      'A is confirmed although it was ended (by-buyer)',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      "the till handles A's placed",
      'the till: A is approved',
      'the buyer cancels A: commits its transaction',
      'a process dies: the buyer cancels A',
      'the saga, with the payment of A (succeeded): commits its transaction',
    ])
  })
  it('a late payment is not refunded', async () => {
    decideLatePayment({ kind: 'ignore', reason: 'forgotten' })
    expect(await find(cancelled)).toEqual([
      'A is cancelled (by-buyer), with 1 charges',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      "the till handles A's placed",
      'the till: A is approved',
      'the buyer cancels A: commits its transaction',
      'a process dies: the buyer cancels A',
      "the till handles A's cancelled:by-buyer",
      'the saga, with the payment of A (succeeded): commits its transaction; acknowledged',
      'the saga, with the payment of A (succeeded): commits its transaction; acknowledged',
      'the stock consumer, with the end of A (cancelled:by-buyer): runs end-holds.lua; acknowledged',
    ])
  })
  it('a late payment sells a unit without looking at what is left', async () => {
    broken.createSelling = () => ({ take: () => true })
    expect(
      await find(SETTINGS.oneUnit, { sql: 'alter table orders.stock drop constraint stock_within_total' }),
    ).toEqual([
      'oversold in Postgres: 1 held, 1 sold of 1',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      "the till handles A's placed",
      'the till: A is approved',
      'the expiry of A: commits its transaction',
      'the expiry of A: runs end-holds.lua',
      'the saga, with the payment of A (succeeded): commits its transaction',
      'the request of B: runs hold.lua, finds room in the queue',
      'the request of B: runs place-orders',
    ])
  })
  it('a retry takes back the hold that it adopted', async () => {
    takeAdoptedForOwn()
    expect(await find({ ...till, sends: [2], worksMax: 2 })).toEqual([
      'Redis counts 2 available, -1 held, 0 sold of 1',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'the request of A: runs read-orders',
      'the request of A: runs end-holds.lua',
      'the request of A: runs restore-hold.lua; its answer is accepted',
      'the expiry of A: commits its transaction',
      'the expiry of A: runs end-holds.lua',
    ])
  })
  it('a slot gets a second order, without the index in Postgres', async () => {
    takeAdoptedForOwn()
    expect(await find(SETTINGS.oneSlot, { sql: 'drop index orders.orders_slot_bound' })).toEqual([
      'S1 has two orders',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'the request of A: runs hold.lua, finds the queue full',
      'the request of A: runs end-holds.lua; its answer is busy',
      'the request of B: runs hold.lua, finds room in the queue',
      'the request of B: runs place-orders',
    ])
  })
  it('the relay deletes rows that it did not send', async () => {
    expect(await find({ ...cancelled, relay: 'in-full' }, { relayForgets: true })).toEqual([
      'A stays to be refunded',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      "the relay sends A's placed",
      "the till handles A's placed",
      'the till: A is approved',
      'the buyer cancels A: commits its transaction',
      "the relay takes A's cancelled:by-buyer for sent",
      'the buyer cancels A: runs end-holds.lua',
      'the saga, with the payment of A (succeeded): commits its transaction; acknowledged',
      "the relay takes A's refund-requested:3 for sent",
    ])
  })
  it('an event is acknowledged before it is handled', async () => {
    expect(await find(till, { acknowledgesFirst: true })).toEqual([
      'A is cancelled (expired), with 1 charges',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      "the till handles A's placed",
      'the till: A is approved',
      'the expiry of A: commits its transaction',
      'a process dies: the expiry of A',
      "the till handles A's cancelled:expired",
      'the saga, with the payment of A (succeeded): acknowledged before it is handled',
      'the saga, with the payment of A (succeeded): acknowledged before it is handled',
      'the stock consumer, with the end of A (cancelled:expired): runs end-holds.lua; acknowledged',
    ])
  })
  it('a hold is settled twice', async () => {
    const patchLua = without('end-holds.lua', [
      "if not open then return 'unchanged' end",
      "redis.call('HDEL', record, 'lines', 'currency', 'version')",
    ])
    expect(await find(till, { patchLua })).toEqual([
      'Redis counts 2 available, -1 held, 0 sold of 1',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      'the expiry of A: commits its transaction',
      'the expiry of A: runs end-holds.lua',
      'the stock consumer, with the end of A (cancelled:expired): runs end-holds.lua; acknowledged',
    ])
  })
  it('a hold is given back without a decision of Postgres', async () => {
    broken.abandonOrders = async (_, overdue) => overdue.map(({ id }) => id)
    expect(await find({ ...till, worksMax: 2 })).toEqual([
      'A has no row, and a hold or a charge',
      'the request of A: runs hold.lua, finds room in the queue',
      'a process dies: the request of A',
      'the resolver of overdue holds: finds 1 overdue',
      'the resolver of overdue holds: reads Redis (hgetall)',
      'the resolver of overdue holds: runs end-holds.lua',
    ])
  })
  it('a time-out of the provider counts as a decline', async () => {
    doAfterSilence({ do: 'settle', settlement: { kind: 'declined', reason: 'no answer' } })
    expect(await find(small)).toEqual([
      'A is cancelled (declined), with 1 charges',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      'the payment worker, with the event of A (placed): runs open-charges; acknowledged',
      'a charge round of A: runs an unnamed select',
      'a charge round of A: commits its transaction',
      'a charge round of A: charge: approved, and the answer is lost',
      'a charge round of A: commits its transaction',
      'the saga, with the payment of A (declined): commits its transaction',
      'the saga, with the payment of A (declined): runs end-holds.lua; acknowledged',
      'the stock consumer, with the end of A (cancelled:declined): runs end-holds.lua; acknowledged',
      'the payment worker, with the event of A (cancelled:declined): commits its transaction; acknowledged',
    ])
  })
  it('a charge without a response is tried with another key', async () => {
    doAfterSilence({ do: 'next-attempt' })
    expect(await find(small)).toEqual([
      'A is charged twice',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      'the payment worker, with the event of A (placed): runs open-charges; acknowledged',
      'a charge round of A: runs an unnamed select',
      'a charge round of A: commits its transaction',
      'a charge round of A: charge: approved, and the answer is lost',
      'a charge round of A: runs an unnamed update',
      'a charge round of A: charge: approved',
    ])
  })
  it('a claim that is given back is still counted', async () => {
    const patchLua = without('end-claims.lua', ["redis.call('HINCRBY', KEYS[3], campaign, -1)"])
    expect(await find({ ...SETTINGS.claims, claims: [1, 0], worksMax: 1 }, { patchLua })).toEqual([
      'Redis counts 1 claims, and has 0',
      'the claim of the buyer of A: runs take-claims.lua, finds the queue full',
      'the claim of the buyer of A: runs end-claims.lua; its answer is busy',
    ])
  })
  it('an order that ends unpaid keeps its voucher', async () => {
    const sql = `create function orders.keep() returns trigger language plpgsql as 'begin return null; end';
      create trigger keep before update on orders.vouchers for each row when (new.state = 'issued') execute function orders.keep()`
    expect(await find({ ...till, ...VOUCHER }, { sql })).toEqual([
      'A is cancelled (expired), and its voucher is reserved',
      'the request of A: runs find-vouchers',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      'the expiry of A: commits its transaction',
    ])
  })
  it('an order leaves its voucher free for another', async () => {
    const sql = `alter table orders.vouchers drop constraint vouchers_order;
      create function orders.forget() returns trigger language plpgsql as 'begin new.state = ''issued''; return new; end';
      create trigger forget before update on orders.vouchers for each row when (new.state = 'reserved') execute function orders.forget()`
    expect(await find({ ...till, ...VOUCHER }, { sql })).toEqual([
      'A is pending (null), and its voucher is not its own',
      'the request of A: runs find-vouchers',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
    ])
  })
  it('a refund forgets those before it', async () => {
    broken.planRefund = (actual) => (order, _, wanted) => actual(order, [], wanted)
    const sql = 'alter table orders.orders drop constraint orders_refunds_within_total'
    expect(await find({ ...SETTINGS.refunds, repeats: 0 }, { sql })).toEqual([
      'A has 3 of 2 units refunded',
      'the request of A: runs find-vouchers',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      "the till handles A's placed",
      'the till: A is approved',
      'the saga, with the payment of A (succeeded): commits its transaction',
      'a process dies: the saga, with the payment of A (succeeded)',
      'the operator refunds A (1): commits its transaction',
      'the operator refunds A (0): commits its transaction',
    ])
  })
  it('the end of a hold cancels a free order', async () => {
    broken.decide = (actual) => actual
    expect(await find({ ...SETTINGS.freeOrder, sends: [1], cancels: [0], worksMax: 1 })).toEqual([
      'A is free, and is cancelled (expired)',
      'the request of A: runs hold.lua, finds room in the queue',
      'the request of A: runs place-orders',
      'a process dies: the request of A',
      'A is to be charged no more without asking',
      "A's hold is over in Postgres",
      'the expiry of A: commits its transaction',
    ])
  })
})
