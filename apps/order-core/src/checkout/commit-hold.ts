import type { Logger } from '@floodgate/runtime'
import type { CommitOutcome } from '../ledger/commit-outcome.ts'
import type { GroupCommit } from '../ledger/group-commit.ts'
import type { NewOrder } from '../order/order.ts'
import { undoHold } from '../stock/end-holds.ts'
import type { MarkCommittedSoon } from '../stock/mark-committed.ts'
import type { StockRedis } from '../stock/stock-redis.ts'
import { restoreHold, syncHold } from '../stock/sync-hold.ts'
import { type CheckoutOutcome, replayOf } from './outcome.ts'

export interface CommitHoldDeps {
  readonly stockRedis: StockRedis
  readonly ledger: GroupCommit
  readonly markCommittedSoon: MarkCommittedSoon
  readonly log: Logger
  /** Called after orders were written: their events wait in the outbox. */
  onPlaced(): void
  /** Called when the ledger rejected what Redis allowed by the same catalogue. */
  onDisagreement(sale: string): void
}

/** A hold on its way into the ledger. */
export interface HeldOrder {
  readonly order: NewOrder
  /** An earlier request with the same key took it. */
  readonly adopted: boolean
  readonly attempt: number
  /** The version of the catalogue that it was judged by; undefined: unknown. */
  readonly catalogueVersion: number | undefined
}

export interface Committed {
  readonly outcome: CheckoutOutcome
  readonly batchSize: number
}

/**
 * Commits a hold and acts on the ledger's outcome: the hold of a written order becomes `pending`, a rejected one is
 * given back unless it was adopted, and one whose commit is unknown is left alone. Redis is updated after the response
 * is decided; the resolver of overdue holds and the reconciler repair what fails there.
 */
export async function commitHold(deps: CommitHoldDeps, held: HeldOrder): Promise<Committed> {
  const submitted = await deps.ledger.submit(held.order)
  if (submitted.kind === 'busy') {
    afterwards(deps, held, undoOwn)
    return { outcome: { kind: 'busy' }, batchSize: 0 }
  }
  return { outcome: follow(deps, held, submitted.outcome), batchSize: submitted.batchSize }
}

const follow = (deps: CommitHoldDeps, held: HeldOrder, outcome: CommitOutcome): CheckoutOutcome => {
  const { order, adopted } = held
  switch (outcome.kind) {
    case 'placed':
      deps.onPlaced()
      deps.markCommittedSoon({ sale: order.sale, order: order.id, holdExpiresAt: outcome.holdExpiresAt })
      return {
        kind: 'accepted',
        order: { ...order, createdAt: outcome.createdAt, holdExpiresAt: outcome.holdExpiresAt },
        replayed: adopted,
      }
    case 'existing': {
      const stored = outcome.order
      // A fresh hold of an order that existed before: Redis had lost the record, but not the units that it counts.
      const forgotten = !adopted && !outcome.uncertain
      afterwards(deps, held, async () => {
        if (!forgotten) return await syncHold(deps.stockRedis, stored)
        await undo(deps, held)
        return await restoreHold(deps.stockRedis, stored)
      })
      const replay = replayOf(stored, order.requestHash)
      return replay.kind === 'accepted' ? { ...replay, replayed: adopted || forgotten } : replay
    }
    case 'sold-out':
    case 'over-limit':
      afterwards(deps, held, undoOwn)
      // An operator may have lowered the total meanwhile: the change, or the reconciler, brings it to Redis.
      if (outcome.catalogueVersion <= (held.catalogueVersion ?? outcome.catalogueVersion))
        deps.onDisagreement(order.sale)
      return outcome
    case 'voucher-used':
      afterwards(deps, held, undoOwn)
      return outcome
    case 'order-exists': {
      const bound = outcome.order
      afterwards(deps, held, async () => {
        await undoOwn(deps, held)
        await restoreHold(deps.stockRedis, bound)
      })
      return bound.cancelReason === 'declined-final'
        ? { kind: 'too-many-declined' }
        : { kind: 'order-exists', order: bound.id }
    }
    case 'poisonous':
      deps.log.error({ order: order.id, sale: order.sale }, 'order cannot be stored')
      // The same data fails in every process that commits it.
      afterwards(deps, held, undo)
      return { kind: 'poisonous' }
    case 'stale':
      // Either a rebuild overtook the hold, or Redis and Postgres disagree about the epoch: the rebuild finds out which.
      deps.stockRedis.rebuildSoon(order.sale)
      return { kind: 'busy' }
    case 'unknown':
      return { kind: 'busy' }
  }
}

/**
 * Takes back a hold that this very request took. An adopted one may be committed by the earlier request at this moment: only
 * the resolver of overdue holds, which asks Postgres, may give it back.
 */
const undoOwn = async (deps: CommitHoldDeps, held: HeldOrder): Promise<void> => {
  if (!held.adopted) await undo(deps, held)
}

const undo = ({ stockRedis }: CommitHoldDeps, { order, attempt }: HeldOrder): Promise<void> =>
  undoHold(stockRedis, { sale: order.sale, order: order.id, attempt })

const afterwards = (
  deps: CommitHoldDeps,
  held: HeldOrder,
  work: (deps: CommitHoldDeps, held: HeldOrder) => Promise<unknown>,
): void => {
  work(deps, held).catch((error: unknown) =>
    deps.log.warn({ order: held.order.id, sale: held.order.sale, error }, 'hold left to the reconciler'),
  )
}
