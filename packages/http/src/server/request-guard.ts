import { AppError } from '@floodgate/runtime'
import { newTraceparent, traceIdOf } from '@floodgate/tracing'
import type { TryFastPath } from '../fast-path/fast-path.ts'
import type { CountLimited } from '../limits/limits.ts'
import { isNavigation } from '../requests/navigation.ts'
import { busyPage } from '../responses/busy-page.ts'
import { problemParts } from '../responses/problem-response.ts'
import { createResponseWriter } from '../responses/response-writer.ts'
import type { LoadShedder } from './load-shedding.ts'

const RETRY_SECONDS = 2
/** Health checks get a response under any load: a process that is killed for a missing one serves nobody. */
const HEALTH_PATH = '/livez'

/** Creates the 503 of a process whose event loop is late. */
export function overloaded(countLimited: CountLimited): AppError {
  countLimited('event-loop-lag')
  return new AppError('busy', {
    detail: 'This process has more work than it can do in time.',
    members: { limit: 'event-loop-lag' },
    retryAfterSeconds: RETRY_SECONDS,
  })
}

/**
 * Rejects requests before any work is done for them: when the process is overloaded, or with too many header fields. In
 * an overload a person who opens a page gets one that reloads itself; every other client gets problem+json.
 */
export function createRequestGuard(options: {
  readonly shedder: LoadShedder
  readonly headersMax: number
  readonly allowedOrigins: readonly string[]
  readonly publicUrl?: string | undefined
  readonly countLimited: CountLimited
}): TryFastPath {
  const { shedder, headersMax, countLimited } = options
  const writeResponse = createResponseWriter(options)

  return function guardRequest(request, response) {
    const isOverloaded = shedder.isOverloaded()
    const hasTooMany = request.rawHeaders.length > 2 * headersMax
    if (!hasTooMany && (!isOverloaded || request.url === HEALTH_PATH)) return false
    if (hasTooMany) countLimited('headers')
    const problem = hasTooMany ? new AppError('headers-too-large') : overloaded(countLimited)
    const { traceparent, accept, 'accept-language': acceptLanguage, 'sec-fetch-mode': mode } = request.headers
    if (!hasTooMany && isNavigation({ method: request.method, mode: mode?.toString(), accept })) {
      writeResponse(request, response, busyPage(problem, acceptLanguage))
      return true
    }
    const sent = typeof traceparent === 'string' ? traceIdOf(traceparent) : undefined
    const traceId = traceIdOf(newTraceparent(sent)) ?? ''
    writeResponse(request, response, problemParts(problem, { traceId, acceptLanguage }))
    return true
  }
}
