import type { Stores } from './effects.ts'
import { createExternalSteps } from './external-steps.ts'
import { createParts } from './parts.ts'
import { firstRedis } from './redis-store.ts'
import type { Model, Step } from './search.ts'
import { ordersOf } from './shop.ts'
import type { Faults, OrderSide, Setting, State } from './state.ts'
import { unfinishedOf, violationOf } from './violations.ts'
import { createWorkSteps } from './work-steps.ts'

export function createModel(setting: Setting, stores: Stores, faults: Faults = {}): Model<State> {
  const orders = ordersOf(setting)
  const parts = createParts()
  const workSteps = createWorkSteps(setting, stores, { parts, faults })
  const externalSteps = createExternalSteps(setting, { parts, faults })
  return {
    initial: parts.share(initialState(setting)),
    async steps(state): Promise<readonly Step<State>[]> {
      return [...externalSteps(state), ...(await workSteps(state))]
    },
    keyOf: parts.keyOf,
    violation: (state) => violationOf(state, setting, orders),
    unfinished: (state) => unfinishedOf(state, setting, orders),
  }
}

function initialState(setting: Setting): State {
  const { orders, campaign, sends, cancels, repeats, resends, claims } = setting
  const owners = campaign?.owners ?? []
  const side = (index: number): OrderSide => ({
    row: null,
    refunds: {},
    money: { charge: null, refund: null, parts: {} },
    provider: { keys: {}, isRefunded: false, parts: {} },
    clock: 0,
    unsent: [],
    unsentPayments: [],
    toStock: [],
    toWorker: [],
    toSaga: [],
    sent: [],
    sends: sends[index] ?? 0,
    cancels: cancels[index] ?? 0,
    repeats,
    resends,
    claims: claims?.[index] ?? 0,
    refundAsks: (setting.refunds ?? []).map(({ asks }) => asks),
  })
  return {
    redis: firstRedis(setting),
    stock: {
      ...{ held: 0, sold: 0, units: {}, issued: owners.length },
      vouchers: Object.fromEntries(owners.map((buyer) => [buyer, 'issued'])),
    },
    orders: orders.map((_, index) => side(index)),
    works: [],
    lie: '',
  }
}
