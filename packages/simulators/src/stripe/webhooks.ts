import { createHmac, randomUUID } from 'node:crypto'

const RESPONSE_MS_MAX = 10_000
/** Pauses before the repetitions of a webhook without a 2xx: for three days, as Stripe does. */
const RETRY_MINUTES = [1, 5, 30, 120, 300, 600, 1_440, 1_440]
const LOOK_MS = 1_000
const EVENTS_MAX = 10_000

interface Due {
  readonly body: string
  readonly retries: number
  readonly atMs: number
}

/** Sends signed webhooks, without any promise of order, and again until they are answered with 2xx. */
export function createStripeWebhooks({ nowMs, stopped }: { nowMs(): number; readonly stopped: AbortSignal }) {
  const target = { url: undefined as string | undefined, secret: '', copies: 1 }
  const events: string[] = []
  const deliveries: number[] = []
  let due: Due[] = []

  /** Signs each delivery anew, with the time of it (docs.stripe.com/webhooks/signature). */
  const signatureOf = (body: string): string => {
    const seconds = Math.floor(nowMs() / 1_000)
    return `t=${seconds},v1=${createHmac('sha256', target.secret).update(`${seconds}.${body}`).digest('hex')}`
  }

  const post = async (body: string): Promise<number> => {
    try {
      const response = await fetch(target.url ?? '', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'stripe-signature': signatureOf(body) },
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
    deliveries.push(status)
    if (deliveries.length > EVENTS_MAX) deliveries.shift()
    const minutes = RETRY_MINUTES[retries]
    if ((status < 200 || status > 299) && minutes !== undefined)
      due.push({ body, retries: retries + 1, atMs: nowMs() + minutes * 60_000 })
    return status
  }

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

    announce(type: string, object: object): void {
      const id = `evt_${randomUUID().replaceAll('-', '')}`
      const created = Math.floor(nowMs() / 1_000)
      const body = JSON.stringify({ id, object: 'event', type, created, livemode: false, data: { object } })
      events.push(body)
      if (events.length > EVENTS_MAX) events.shift()
      if (target.url === undefined) return
      for (let copy = 0; copy < target.copies; copy += 1) void deliver(body, 0)
    },

    /** Sends every event so far again, the newest first, all at once. Returns the statuses. */
    replay: (): Promise<readonly number[]> =>
      target.url === undefined
        ? Promise.resolve([])
        : Promise.all(events.toReversed().map((body) => deliver(body, RETRY_MINUTES.length))),
  }
}
