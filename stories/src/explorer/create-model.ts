import type { Stores } from './effects.ts'
import { createExternalSteps } from './external-steps.ts'
import { createParts } from './parts.ts'
import { emptyRedis } from './redis-store.ts'
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

function initialState({ orders, units, sends, cancels, repeats, resends }: Setting): State {
  const side = (index: number): OrderSide => ({
    row: null,
    money: { charge: null, refund: null },
    provider: { keys: {}, isRefunded: false },
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
  })
  return {
    redis: emptyRedis(units),
    stock: { held: 0, sold: 0, units: {} },
    orders: orders.map((_, index) => side(index)),
    works: [],
    lie: '',
  }
}
