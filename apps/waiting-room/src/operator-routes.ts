import { isRetriableDatabaseError } from '@floodgate/database'
import { createDeadLetterRoutes, createErasureRoute, type Route } from '@floodgate/http'
import { isRedisUnavailable } from '@floodgate/redis'
import type { Logger } from '@floodgate/runtime'
import type { Pool } from 'pg'
import { GROUPS, type RoomBus } from './bus.ts'
import type { Config } from './config.ts'
import { eraseFromLines } from './erasure/erase-buyer.ts'
import { identityRevocationRoutes } from './identity/revocation-routes.ts'
import type { Revocations } from './identity/revocations.ts'
import { peopleRoutes } from './operators/routes.ts'
import type { LineRedis } from './redis/line-redis.ts'
import { logRoutes } from './sales/log-routes.ts'
import { createSaleActs } from './sales/sale-acts.ts'
import type { SaleCache } from './sales/sale-cache.ts'
import { saleRoutes } from './sales/sale-routes.ts'
import { shopOperatorRoutes } from './shop/operator-routes.ts'
import type { Finish } from './slots/finish-turn.ts'
import type { ShopTokens } from './tokens/sign-handover.ts'

export interface OperatorRouteDeps {
  readonly line: LineRedis
  readonly pool: Pool
  readonly sales: SaleCache
  readonly bus: Pick<RoomBus, 'deadLetters' | 'wakeRelay'>
  readonly log: Logger
  readonly revocations: Pick<Revocations, 'refresh'>
  readonly finish: Finish
  readonly shopTokens: ShopTokens
  /** Called when Redis has the change of a sale. */
  onChanged(sale: string): void
}

/**
 * Creates the operators' routes, with their token (`createHttpApp` guards by declaration): sales, logs, the
 * shop's reports, erasure and dead letters.
 */
export function createOperatorRoutes(config: Pick<Config, 'environment'>, deps: OperatorRouteDeps): readonly Route[] {
  const { line, pool, sales, bus, log, revocations, onChanged } = deps
  return [
    ...saleRoutes({
      acts: createSaleActs({ line, pool, wakeRelay: bus.wakeRelay, onChanged }),
      sales,
      pool,
      isDevelopment: config.environment === 'development',
    }),
    ...identityRevocationRoutes({ pool, revocations, log }),
    ...peopleRoutes({ pool }),
    ...logRoutes({ line, pool, sales }),
    ...shopOperatorRoutes(deps),
    createErasureRoute({
      name: 'waiting-room',
      erase: (request) => eraseFromLines({ pool, redis: line.redis }, request),
      isUnavailable: (error) => isRedisUnavailable(error) || isRetriableDatabaseError(error),
    }),
    ...createDeadLetterRoutes({ deadLetters: bus.deadLetters, groups: GROUPS, log }),
  ]
}
