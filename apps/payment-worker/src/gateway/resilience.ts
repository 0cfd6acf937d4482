import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  TaskCancelledError,
  TimeoutStrategy,
  timeout,
  wrap,
} from 'cockatiel'
import { NotSent, type Pace } from './pace/pace.ts'
import type { Lane } from './pace/pace-store.ts'
import type { BreakerState, Unavailable } from './payment-gateway.ts'

export interface ResilienceOptions {
  readonly timeoutMs: number
  /** Maximum tries of one call, including the first. */
  readonly triesMax: number
  readonly retryDelayMs: number
  /** Failures in a row that open the breaker. */
  readonly breakerFailures: number
  readonly breakerOpenMs: number
  /** Paces the calls that change something at the provider. */
  readonly pace: Pace
}

/** The provider responded with something unusable: 5xx, or a malformed body. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure'
}

/** The provider rejected the call as too many (429): nothing happened, and it works. */
export class ProviderBusy extends Error {
  override readonly name = 'ProviderBusy'
  readonly retryAfterMs: number

  constructor(retryAfter: string | undefined) {
    super('the provider responded with 429')
    this.retryAfterMs = retryAfterMsOf(retryAfter, Date.now())
  }
}

const SECONDS = /^\d+$/
const HTTP_DATE = /^[A-Z][a-z]{2,8}, .+ GMT$/
const RETRY_AFTER_MS_DEFAULT = 1_000
/** A provider that asks for more is asked again sooner: a charge must not wait for ever on a wrong header. */
const RETRY_AFTER_MS_MAX = 60_000

/** Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. Malformed or missing: a second. At most a minute. Pure. */
export function retryAfterMsOf(value: string | undefined, nowMs: number): number {
  const text = value?.trim() ?? ''
  const ms = SECONDS.test(text) ? Number(text) * 1_000 : HTTP_DATE.test(text) ? Date.parse(text) - nowMs : Number.NaN
  return Number.isNaN(ms) ? RETRY_AFTER_MS_DEFAULT : Math.min(Math.max(0, ms), RETRY_AFTER_MS_MAX)
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
  const neverActed = error instanceof BrokenCircuitError || error instanceof NotSent || error instanceof ProviderBusy
  const sent = !neverActed && !neverSent.has(errorCode(error) ?? '')
  const detail = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 200) : String(error)
  return { kind: 'unavailable', unknown: sent, detail }
}

/**
 * Combines time-out inside breaker inside pace inside retry. A fast failure is retried at once with the same key; a
 * time-out is not: it already took long, and a look-up of the key tells more than another call to an unresponsive
 * provider. A call that the provider rejects as too many counts neither for nor against it; the retry of a write waits
 * as long as it asked for.
 */
export function createResilience(options: ResilienceOptions) {
  const { pace } = options
  const isFailure = (error: unknown) => !(error instanceof ProviderBusy)
  const breaker = circuitBreaker(handleWhen(isFailure), {
    halfOpenAfter: options.breakerOpenMs,
    breaker: new ConsecutiveBreaker(options.breakerFailures),
  })
  const isWorthRetrying = (error: unknown) =>
    !(error instanceof BrokenCircuitError) && !(error instanceof TaskCancelledError) && !(error instanceof NotSent)
  const retries = retry(handleWhen(isWorthRetrying), {
    maxAttempts: options.triesMax - 1,
    backoff: new ExponentialBackoff({ initialDelay: options.retryDelayMs, maxDelay: 20 * options.retryDelayMs }),
  })
  const once = wrap(breaker, timeout(options.timeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false }))
  const state = () => states.get(breaker.state) ?? 'open'
  breaker.onStateChange(() => {
    if (state() === 'closed') pace.drain()
  })

  async function callOnce<Result>(
    call: (signal: AbortSignal) => Promise<Result>,
    { lane, signal }: { readonly lane: Lane | undefined; readonly signal: AbortSignal },
  ): Promise<Result> {
    // An open breaker sends nothing, and so takes no write from other processes.
    if (lane !== undefined && state() !== 'open') await pace.take(lane, signal)
    try {
      return await once.execute((context) => call(context.signal), signal)
    } catch (error) {
      // Reads have a limit of their own at the provider, and hold off no write.
      if (error instanceof ProviderBusy) pace.holdOff(lane === undefined ? 0 : error.retryAfterMs)
      throw error
    }
  }

  return {
    /**
     * Runs the call; throws the last failure. A call that the caller aborts counts neither for nor against the
     * provider. `lane`: it changes something at the provider, and is paced.
     */
    run: <Result>(call: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal, lane?: Lane): Promise<Result> =>
      retries.execute((context) => callOnce(call, { lane, signal: context.signal }), signal),
    state,
    onChange: (listener: (state: BreakerState) => void) => {
      breaker.onStateChange(() => listener(state()))
    },
  }
}
