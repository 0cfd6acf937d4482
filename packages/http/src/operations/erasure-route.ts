import { type ErasureReport, type ErasureRequest, erasureReport, erasureRequest } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { defineOperation, jsonBody, success } from '../openapi/operation.ts'
import { OPERATOR_ONLY } from '../openapi/security-schemes.ts'
import { readJsonBody } from '../requests/json-body.ts'
import { NO_STORE } from '../responses/no-store.ts'

const BODY_BYTES_MAX = 64 * 1024
const RETRY_SECONDS = 5

const ERASED: ErasureReport = { app: 'order-core', erased: { 'orders.orders': 1 }, remaining: [] }

export const erasureOperation = defineOperation({
  method: 'post',
  path: '/admin/erasures',
  summary: 'Erase one buyer from the records of this app; repeating it is fine',
  description: 'See `npm run erase`.',
  security: OPERATOR_ONLY,
  request: { body: jsonBody(erasureRequest, { buyer: 'wq1VhF0rX2mJ8sLzC4yT7A' }) },
  responses: { 200: success('What was erased, and what has to stay for now', erasureReport, { example: ERASED }) },
  refusals: { 'too-large': `above ${BODY_BYTES_MAX} bytes` },
})

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
  app.post(erasureOperation.path, async (c) => {
    const request = await readJsonBody(c, erasureRequest, { bytesMax: BODY_BYTES_MAX })
    try {
      return c.json({ app: options.name, ...(await options.erase(request)) }, 200, NO_STORE)
    } catch (cause) {
      if (!options.isUnavailable(cause)) throw cause
      throw new AppError('unavailable', { retryAfterSeconds: RETRY_SECONDS, cause })
    }
  })
}
