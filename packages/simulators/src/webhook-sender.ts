const RESPONSE_MS_MAX = 10_000
const LOOK_MS = 1_000
/** Events kept for `replay`, and statuses of deliveries. */
const KEPT_MAX = 10_000

interface Due {
  readonly body: string
  readonly retries: number
  readonly atMs: number
}

/** Sends a provider's webhooks, without any promise of order, and again until they are accepted. */
export function createWebhookSender(options: {
  nowMs(): number
  readonly stopped: AbortSignal
  /** Pauses before the repetitions of a webhook that was not accepted. */
  readonly retryMinutes: readonly number[]
  isAccepted(status: number): boolean
  /** Returns the headers of one delivery besides its type, such as a signature with its time. */
  headersOf(body: string): Readonly<Record<string, string>>
}) {
  const { nowMs, stopped, retryMinutes } = options
  const target: { url: string | undefined; copies: number } = { url: undefined, copies: 1 }
  const events: string[] = []
  /** The status of each delivery; 0 for one without a response. */
  const deliveries: number[] = []
  let due: Due[] = []

  const keep = <Item>(kept: Item[], item: Item): void => {
    kept.push(item)
    if (kept.length > KEPT_MAX) kept.shift()
  }

  const post = async (body: string): Promise<number> => {
    try {
      const response = await fetch(target.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...options.headersOf(body) },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stopped, AbortSignal.timeout(RESPONSE_MS_MAX)]),
      })
      await response.body?.cancel()
      return response.status
    } catch {
      return 0 // A delivery without a response, which is repeated.
    }
  }

  const deliver = async (body: string, retries: number): Promise<number> => {
    const status = await post(body)
    keep(deliveries, status)
    const minutes = retryMinutes[retries]
    if (!options.isAccepted(status) && minutes !== undefined)
      due.push({ body, retries: retries + 1, atMs: nowMs() + minutes * 60_000 })
    return status
  }

  /** Sends what is due for a repetition. */
  const deliverDue = async (): Promise<void> => {
    const ready = due.filter(({ atMs }) => atMs <= nowMs())
    due = due.filter((each) => !ready.includes(each))
    await Promise.all(ready.map(({ body, retries }) => deliver(body, retries)))
  }
  const looking = setInterval(() => void deliverDue(), LOOK_MS)
  looking.unref()
  stopped.addEventListener('abort', () => clearInterval(looking))

  return {
    target,
    deliverDue,
    deliveries: (): readonly number[] => deliveries,

    /** Sends a new event, each copy at once. */
    send(event: object): void {
      const body = JSON.stringify(event)
      keep(events, body)
      if (target.url === undefined) return
      for (let copy = 0; copy < target.copies; copy += 1) void deliver(body, 0)
    },

    /** Sends every event so far again, the newest first, all at once. Returns the statuses. */
    replay: (): Promise<readonly number[]> =>
      target.url === undefined
        ? Promise.resolve([])
        : Promise.all(events.toReversed().map((body) => deliver(body, retryMinutes.length))),
  }
}
