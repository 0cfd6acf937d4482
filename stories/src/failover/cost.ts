/** What a fault costs the buyers of a sale. Times of a busy machine with everything on it: printed, never asserted. */
export interface Cost {
  /** The longest time between two admissions that a buyer learned of, before the fault and from its start on. */
  readonly withoutAdmissionMs: Phases
  /** The longest time between two accepted orders, while units were left. */
  readonly withoutOrderMs: Phases
  /** The longest time between two confirmed orders that a buyer learned of. */
  readonly withoutConfirmationMs: Phases
  /** 99th percentile of accepted orders, each from its first attempt on: during the fault, and without it. */
  readonly during: Latency
  readonly without: Latency
  readonly faultMs: number
}

interface Phases {
  readonly before: number
  readonly after: number
}

interface Latency {
  readonly orders: number
  readonly p99Ms: number
}

export interface CostMeter {
  /** Records that a buyer learned of its admission. */
  admitted(): void
  /** Records an accepted order, which took `ms` from its first attempt on. */
  ordered(ms: number): void
  /** Records that a buyer learned that its order is confirmed. */
  confirmed(): void
  faultBegins(): void
  /** Records that the cause is gone. What it left behind may take longer. */
  faultEnds(): void
  cost(): Cost
}

interface Order {
  readonly beganAtMs: number
  readonly acceptedAtMs: number
}

/**
 * Measures what a fault costs, in a sale of `units` whose limits never keep a buyer of this sale waiting. Later orders
 * than the first `units` need a unit that came back, so the time between them is no cost of the fault.
 */
export function createCostMeter(units: number, now: () => number = () => performance.now()): CostMeter {
  const admissionsAtMs: number[] = []
  const confirmationsAtMs: number[] = []
  const orders: Order[] = []
  let beganAtMs = Number.POSITIVE_INFINITY
  let endedAtMs = Number.POSITIVE_INFINITY
  function isDuring(order: Order): boolean {
    return order.acceptedAtMs >= beganAtMs && order.beganAtMs <= endedAtMs
  }
  return {
    admitted: () => void admissionsAtMs.push(now()),
    ordered: (ms) => void orders.push({ beganAtMs: now() - ms, acceptedAtMs: now() }),
    confirmed: () => void confirmationsAtMs.push(now()),
    faultBegins() {
      beganAtMs = now()
    },
    faultEnds() {
      endedAtMs = now()
    },
    cost() {
      const acceptedAtMs = orders.slice(0, units).map((order) => order.acceptedAtMs)
      return {
        withoutAdmissionMs: longestStretches(admissionsAtMs, beganAtMs),
        withoutOrderMs: longestStretches(acceptedAtMs, beganAtMs),
        withoutConfirmationMs: longestStretches(confirmationsAtMs, beganAtMs),
        during: latencyOf(orders.filter(isDuring)),
        without: latencyOf(orders.filter((order) => !isDuring(order))),
        faultMs: endedAtMs - beganAtMs,
      }
    },
  }
}

/** Returns the longest time between two neighbours, by whether the later one was before the fault. Pure. */
function longestStretches(timesMs: readonly number[], faultAtMs: number): Phases {
  const stretches = timesMs.slice(1).map((endMs, index) => ({ endMs, ms: endMs - (timesMs[index] ?? endMs) }))
  const longest = (some: readonly { readonly ms: number }[]): number => Math.max(0, ...some.map(({ ms }) => ms))
  return {
    before: longest(stretches.filter(({ endMs }) => endMs < faultAtMs)),
    after: longest(stretches.filter(({ endMs }) => endMs >= faultAtMs)),
  }
}

function latencyOf(orders: readonly Order[]): Latency {
  const sortedMs = orders.map(({ beganAtMs, acceptedAtMs }) => acceptedAtMs - beganAtMs).sort((a, b) => a - b)
  return { orders: orders.length, p99Ms: sortedMs[Math.ceil(sortedMs.length * 0.99) - 1] ?? 0 }
}

/** Returns the one line that documents quote. */
export function formatCost(name: string, cost: Cost): string {
  const { withoutAdmissionMs, withoutOrderMs, withoutConfirmationMs, during, without } = cost
  return [
    `${name}: ${secondsOf(cost.faultMs)} of fault`,
    `longest without an admission ${secondsOf(withoutAdmissionMs.after)} (before it ${secondsOf(withoutAdmissionMs.before)})`,
    `without an accepted order ${secondsOf(withoutOrderMs.after)} (before it ${secondsOf(withoutOrderMs.before)})`,
    `without a confirmed one ${secondsOf(withoutConfirmationMs.after)} (before it ${secondsOf(withoutConfirmationMs.before)})`,
    `p99 of ${during.orders} orders during it ${Math.round(during.p99Ms)} ms, of ${without.orders} others ${Math.round(without.p99Ms)} ms`,
  ].join('; ')
}

const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`
