import { type ErasureReport, type ErasureRequest, eraseRoute } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { NO_STORE } from '../responses/no-store.ts'
import { handle } from '../routes/handle.ts'
import type { Route } from '../routes/route.ts'

const RETRY_SECONDS = 5

/** `POST /admin/erasures`: erases one buyer from the records of this app. Safe to repeat. */
export function createErasureRoute(options: {
  erase(request: ErasureRequest): Promise<Omit<ErasureReport, 'app'>>
  /** Tells whether an error means that a store is unavailable: 503. */
  isUnavailable(error: unknown): boolean
  readonly name: string
}): Route {
  return handle(eraseRoute, async function erase(request, reply) {
    const buyer = await request.body()
    try {
      return reply(200, { app: options.name, ...(await options.erase(buyer)) }, NO_STORE)
    } catch (cause) {
      if (!options.isUnavailable(cause)) throw cause
      throw new AppError('unavailable', { retryAfterSeconds: RETRY_SECONDS, cause })
    }
  })
}
