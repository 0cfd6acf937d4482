import type { AdmissionVerifier } from '@floodgate/admission'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Pool } from 'pg'
import type { Transitions } from '../saga/transitions.ts'
import { mountBuyerRoutes } from './buyer-routes.ts'
import { mountOperatorRoutes } from './operator-routes.ts'
import type { OwnOrder } from './own-order.ts'

export interface OrderRouteOptions {
  readonly pool: Pool
  readonly ownOrder: OwnOrder
  /** The saga's: every cancellation goes the same way. */
  readonly apply: Transitions['apply']
  readonly verifier: AdmissionVerifier
  readonly adminToken: string
}

/** Everything about orders that exist: for their buyers, and for the operator. */
export const mountOrderRoutes = (app: OpenAPIHono, options: OrderRouteOptions): void => {
  mountBuyerRoutes(app, options)
  mountOperatorRoutes(app, options)
}
