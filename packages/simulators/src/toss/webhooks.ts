import type { Clock } from './clock.ts'

/** Pauses before the repetitions of a webhook that was not answered with 200. */
const RETRY_MINUTES = [1, 4, 16, 64, 256, 1_024, 4_096]
const RESPONSE_MS_MAX = 10_000
const LOOK_MS = 1_000
/** Events kept for `replay`. */
const EVENTS_MAX = 10_000
const DELIVERIES_MAX = 1_000

interface Due {
  readonly body: string
  readonly retries: number
  readonly atMs: number
}

/** Sends the provider's webhooks: unsigned, without any promise of order, and again until they are answered with 200. */
export function createWebhooks({ clock, stopped }: { clock: Clock; stopped: AbortSignal }) {
  const target: { url: string | undefined; copies: number } = { url: undefined, copies: 1 }
  const events: string[] = []
  /** The status of each delivery; 0 for one without a response. */
  const deliveries: number[] = []
  let due: Due[] = []

  const post = async (body: string): Promise<number> => {
    try {
      const response = await fetch(target.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        redirect: 'manual',
        signal: AbortSignal.any([stopped, AbortSignal.timeout(RESPONSE_MS_MAX)]),
      })
      await response.body?.cancel()
      return response.status
    } catch {
      return 0 // Counted as a delivery without a response, and repeated.
    }
  }

  const deliver = async ({ body, retries }: Omit<Due, 'atMs'>): Promise<number> => {
    const status = await post(body)
    deliveries.push(status)
    if (deliveries.length > DELIVERIES_MAX) deliveries.shift()
    const pauseMinutes = RETRY_MINUTES[retries]
    if (status !== 200 && pauseMinutes !== undefined)
      due.push({ body, retries: retries + 1, atMs: clock.nowMs() + pauseMinutes * 60_000 })
    return status
  }

  /** Sends what is due for a repetition. */
  const deliverDue = async (): Promise<void> => {
    const ready = due.filter(({ atMs }) => atMs <= clock.nowMs())
    due = due.filter((each) => !ready.includes(each))
    await Promise.all(ready.map(deliver))
  }
  const looking = setInterval(() => void deliverDue(), LOOK_MS)
  looking.unref()
  stopped.addEventListener('abort', () => clearInterval(looking))

  return {
    target,
    deliveries: (): readonly number[] => deliveries,
    deliverDue,

    /** Sends the event of a payment's new state, each copy at once. */
    announce(data: object): void {
      const createdAt = new Date(clock.nowMs()).toISOString().replace('Z', '000')
      const body = JSON.stringify({ eventType: 'PAYMENT_STATUS_CHANGED', createdAt, data })
      events.push(body)
      if (events.length > EVENTS_MAX) events.shift()
      if (target.url === undefined) return
      for (let copy = 0; copy < target.copies; copy += 1) void deliver({ body, retries: 0 })
    },

    /** Sends every event so far again, the newest first, all at once. Returns the statuses. */
    replay: (): Promise<readonly number[]> =>
      target.url === undefined
        ? Promise.resolve([])
        : Promise.all(events.toReversed().map((body) => deliver({ body, retries: RETRY_MINUTES.length }))),
  }
}
