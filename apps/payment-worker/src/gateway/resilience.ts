import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleAll,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import type { BreakerState, Unavailable } from './payment-gateway.ts'

export interface ResilienceOptions {
  readonly timeoutMs: number
  /** Maximum tries of one call, including the first. */
  readonly triesMax: number
  readonly retryDelayMs: number
  /** Failures in a row that open the breaker. */
  readonly breakerFailures: number
  readonly breakerOpenMs: number
}

/** The provider responded with something unusable: 5xx, or a malformed body. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure'
}

const states = new Map<CircuitState, BreakerState>([
  [CircuitState.Closed, 'closed'],
  [CircuitState.HalfOpen, 'half-open'],
  [CircuitState.Open, 'open'],
  [CircuitState.Isolated, 'open'],
])

const errorCode = (error: unknown): string | undefined =>
  error instanceof Error
    ? ((error.cause as { code?: string } | undefined)?.code ?? (error as { code?: string }).code)
    : undefined

/** Errors of a request that never left this machine, so that the provider cannot have acted on it. */
const neverSent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

export function unavailableOf(error: unknown): Unavailable {
  const sent = !(error instanceof BrokenCircuitError) && !neverSent.has(errorCode(error) ?? '')
  const detail = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : String(error)
  return { kind: 'unavailable', unknown: sent, detail }
}

/**
 * Combines time-out inside breaker inside retry. A fast failure is retried at once with the same key; a time-out is
 * not: it already took long, and a look-up of the key tells more than another call to an unresponsive provider.
 */
export function createResilience(options: ResilienceOptions) {
  const breaker = circuitBreaker(handleAll, {
    halfOpenAfter: options.breakerOpenMs,
    breaker: new ConsecutiveBreaker(options.breakerFailures),
  })
  const isWorthRetrying = (error: unknown) =>
    !(error instanceof BrokenCircuitError) && !(error instanceof TaskCancelledError)
  const policy = wrap(
    retry(handleWhen(isWorthRetrying), {
      maxAttempts: options.triesMax - 1,
      backoff: new ExponentialBackoff({ initialDelay: options.retryDelayMs, maxDelay: 20 * options.retryDelayMs }),
    }),
    breaker,
    timeout(options.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false }),
  )
  const state = () => states.get(breaker.state) ?? 'open'
  return {
    /**
     * Runs the call; throws the last failure. A call that the caller aborts counts neither for nor against the
     * provider.
     */
    run: <Result>(call: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal): Promise<Result> =>
      policy.execute((context) => call(context.signal), signal),
    state,
    onChange: (listener: (state: BreakerState) => void) => {
      breaker.onStateChange(() => listener(state()))
    },
  }
}
