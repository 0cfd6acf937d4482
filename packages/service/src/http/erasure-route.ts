import {
  type ErasureReport,
  type ErasureRequest,
  erasureReport,
  erasureRequest,
  problemBody,
} from '@floodgate/contracts'
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi'
import { AppError } from '../app-error.ts'
import { readJsonBody } from './json-body.ts'
import { requireOperator } from './operator-auth.ts'

const BODY_BYTES_MAX = 64 * 1024
const RETRY_SECONDS = 5

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: problemBody } },
})

/** `POST /admin/erasures`: erases one buyer from the records of this app. Repeating it is fine. */
export function mountErasureRoute(
  app: OpenAPIHono,
  options: {
    readonly erase: (request: ErasureRequest) => Promise<Omit<ErasureReport, 'app'>>
    /** Whether a failure means that a store is away: 503. */
    readonly isUnavailable: (error: unknown) => boolean
    readonly name: string
    readonly adminToken: string
  },
): void {
  const route = createRoute({
    method: 'post',
    path: '/admin/erasures',
    summary: 'Erase one buyer from the records of this app; repeating it is fine',
    description: 'The body is an `ErasureRequest`: `buyer`, and optionally `sale` and `orders`. See `npm run erase`.',
    security: [{ operator: [] }],
    middleware: requireOperator(options.adminToken),
    responses: {
      200: {
        description: 'What was erased, and what has to stay for now',
        content: { 'application/json': { schema: erasureReport } },
      },
      400: problem('`invalid-request`'),
      401: problem('`unauthorized`'),
      413: problem('`too-large`'),
      415: problem('`wrong-media-type`'),
      503: problem('`unavailable`, with `Retry-After`'),
    },
  })
  app.openapi(route, async (c) => {
    const request = await readJsonBody(c, erasureRequest, { bytesMax: BODY_BYTES_MAX })
    try {
      return c.json({ app: options.name, ...(await options.erase(request)) }, 200, { 'cache-control': 'no-store' })
    } catch (cause) {
      if (!options.isUnavailable(cause)) throw cause
      throw new AppError('unavailable', { retryAfterSeconds: RETRY_SECONDS, cause })
    }
  })
}
