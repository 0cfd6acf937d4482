import { type ErasureReport, type ErasureRequest, eraseRoute, erasureRequest } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { readJsonBody } from '../requests/json-body.ts'
import { NO_STORE } from '../responses/no-store.ts'

const RETRY_SECONDS = 5

/** `POST /admin/erasures`: erases one buyer from the records of this app. Repeating it is fine. */
export function mountErasureRoute(
  app: OpenAPIHono,
  options: {
    erase(request: ErasureRequest): Promise<Omit<ErasureReport, 'app'>>
    /** Whether a failure means that a store is away: 503. */
    isUnavailable(error: unknown): boolean
    readonly name: string
  },
): void {
  app.post(eraseRoute.path, async (c) => {
    const request = await readJsonBody(c, erasureRequest, { bytesMax: eraseRoute.bodyBytesMax })
    try {
      return c.json({ app: options.name, ...(await options.erase(request)) }, 200, NO_STORE)
    } catch (cause) {
      if (!options.isUnavailable(cause)) throw cause
      throw new AppError('unavailable', { retryAfterSeconds: RETRY_SECONDS, cause })
    }
  })
}
