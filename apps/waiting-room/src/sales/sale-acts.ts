import type { SaleAct, SalePut, SaleResource } from '@floodgate/contracts'
import { isRetriableDatabaseError } from '@floodgate/database'
import type { Caller } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Pool } from 'pg'
import type { LineRedis } from '../redis/line-redis.ts'
import { readSnapshot, type Snapshot } from '../snapshot/snapshot.ts'
import { projectSale } from './project-sale.ts'
import {
  CLOSED_LINE_MS,
  changedSettings,
  decideAct,
  isUntouched,
  newSale,
  type Sale,
  type SettingsProblem,
  saleInState,
  settingsProblemOf,
} from './sale.ts'
import { changeSale, findAgeOfClose } from './sale-store.ts'

const wrongState = (act: SaleAct, sale: Sale) =>
  new AppError('wrong-state', {
    detail: `A sale in the state “${sale.state}” cannot ${act}.`,
    members: { state: sale.state },
  })

function settingsError(problem: SettingsProblem): AppError {
  if (problem.kind === 'version-conflict')
    return new AppError('version-conflict', {
      detail: `The sale is at version ${problem.version} now. Read it again before you change it.`,
      members: { version: problem.version },
    })
  return new AppError('time-past', {
    detail:
      'A time in the past takes effect at once. Nothing was changed; send "force": true if that is what you want.',
    members: { errors: problem.pointers.map((pointer) => ({ pointer, message: 'is in the past' })) },
  })
}

/** Runs work that needs Postgres. While it is down the caller gets 503 with `Retry-After`. */
export async function whileDatabaseIsThere<Result>(
  work: () => Promise<Result>,
  detail = 'The database cannot be reached; nothing was changed. The line continues.',
): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (!isRetriableDatabaseError(cause)) throw cause
    throw new AppError('unavailable', {
      detail,
      retryAfterSeconds: 2,
      cause,
    })
  }
}

export function saleResourceOf(sale: Snapshot): SaleResource {
  return {
    id: sale.sale,
    name: sale.name,
    state: sale.state,
    admitPerSecond: sale.admitPerSecond,
    maxActive: sale.maxActive,
    admissionTtlSeconds: sale.admissionTtlSeconds,
    claimSeconds: sale.claimSeconds,
    returnSeconds: sale.returnSeconds,
    extensionsMax: sale.extensionsMax,
    opensAt: sale.opensAtMs === undefined ? null : new Date(sale.opensAtMs).toISOString(),
    closesAt: sale.closesAtMs === undefined ? null : new Date(sale.closesAtMs).toISOString(),
    frameOrigins: [...sale.frameOrigins],
    returnOrigins: [...sale.returnOrigins],
    defaultReturnUrl: sale.defaultReturnUrl,
    identity: sale.identity,
    language: sale.language,
    version: sale.version,
    counts: sale.counts,
    fairness: sale.fairness,
  }
}

/** The request of an act. */
export interface ActRequest {
  readonly operator: Pick<Caller, 'id' | 'name'>
  readonly traceparent: string
}

export interface SaleActs {
  put(id: string, put: SalePut, request: ActRequest): Promise<{ created: boolean; sale: SaleResource }>
  act(id: string, act: SaleAct, request: ActRequest): Promise<SaleResource>
}

/** Returns who acted, as recorded with a sale: the name of the token and its id, as several people may have one name. */
function actorOf({ id, name }: ActRequest['operator']): string {
  return id === name ? name : `${name} (${id})`
}

/**
 * Creates the operators' acts: Postgres first (row, audit and event in one transaction), then the projection to Redis.
 */
export function createSaleActs(deps: {
  line: LineRedis
  pool: Pool
  wakeRelay(): void
  /** Called when Redis has the change. */
  onChanged(sale: string): void
}): SaleActs {
  const { line, pool } = deps
  const resource = async (sale: Sale, { act, created }: { act: string; created: boolean }): Promise<SaleResource> => {
    // Also after a repetition that changed nothing: the projection may be what failed the first time.
    await projectSale(line, sale, { act, isNew: created || isUntouched(sale, Date.now()) })
    deps.onChanged(sale.id)
    const snapshot = await readSnapshot(line, sale.id)
    if (snapshot === undefined) throw new AppError('unavailable', { retryAfterSeconds: 1 })
    return saleResourceOf(snapshot)
  }
  const mustHaveLine = async (id: string) => {
    const ageMs = await whileDatabaseIsThere(() => findAgeOfClose(pool, id))
    if (ageMs !== undefined && ageMs > CLOSED_LINE_MS)
      throw new AppError('line-gone', { detail: 'The sale closed more than two days ago. Create a new one instead.' })
  }
  return {
    put: async (id, put, { operator, traceparent }) => {
      const { before, after, changed } = await whileDatabaseIsThere(() =>
        changeSale(pool, id, {
          act: 'configured',
          actor: actorOf(operator),
          traceparent,
          change: (known) => {
            const wanted = known === undefined ? newSale(id, put) : changedSettings(known, put)
            // The sale already has this state: a repetition, whose `version` is the one before its own change (RFC
            // 9110, 13.1.1).
            if (wanted === undefined) return undefined
            const problem = settingsProblemOf(known, put, Date.now())
            if (problem !== undefined) throw settingsError(problem)
            return wanted
          },
        }),
      )
      if (changed) deps.wakeRelay()
      if (after === undefined) throw new AppError('not-found')
      const created = before === undefined
      return { created, sale: await resource(after, { act: 'configured', created }) }
    },
    act: async (id, act, { operator, traceparent }) => {
      if (act === 'reopen') await mustHaveLine(id)
      const { after, changed } = await whileDatabaseIsThere(() =>
        changeSale(pool, id, {
          act,
          actor: actorOf(operator),
          traceparent,
          change: (before) => {
            if (before === undefined) throw new AppError('not-found')
            const decision = decideAct(before.state, act)
            if (decision.kind === 'wrong-state') throw wrongState(act, before)
            return decision.kind === 'same' ? undefined : saleInState(before, { act, state: decision.state })
          },
        }),
      )
      if (changed) deps.wakeRelay()
      if (after === undefined) throw new AppError('not-found')
      return await resource(after, { act, created: false })
    },
  }
}
