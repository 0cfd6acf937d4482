import { createBoundedMap, createWriteBehind, raceSignal } from '@floodgate/async'
import type Stripe from 'stripe'
import type { Attempt } from '../payment-gateway.ts'
import { ProviderFailure } from '../resilience.ts'
import { CLOSED, KEY } from './intents.ts'
import type { CallStripe } from './stripe-client.ts'

const PER_PAGE = 100
/** Of one search, which has to end within the lease of its charges: 3,000 payments. */
const PAGES_MAX = 30
const SEARCH_MS_MAX = 12_000
/** Attempts that one search looks for. */
const ATTEMPTS_MAX = 1_000
/** Attempts whose search continues in a later round, and how long each is remembered. */
const SEARCHES_MAX = 10_000
const SEARCH_KEPT_MS = 600_000
/** The clocks of Postgres, which dates attempts, and of Stripe may differ by this much. */
const CLOCKS_DIFFER_MS_MAX = 120_000

type Found = Stripe.PaymentIntent | 'absent' | 'not-yet'

const sinceSecondsOf = ({ openedAtMs }: Attempt): number => Math.floor((openedAtMs - CLOCKS_DIFFER_MS_MAX) / 1_000)

/**
 * Finds the payments of attempts that ended without a usable response, by their keys in the metadata of all payments
 * since then. The list of payments is complete at once, unlike Stripe's search. Attempts that are looked for at the same
 * time share one pass through the list. Throws where a pass ends before the list does, because it is too long, too slow or
 * fails midway; the next pass continues there: the call of the attempt is over, so that newer payments are not its own.
 */
export function createFindIntent({ stripe, call }: { readonly stripe: Stripe; readonly call: CallStripe }) {
  /** The last payments seen, by the key of the attempt. */
  const seen = createBoundedMap<string>(SEARCHES_MAX, { keptMs: SEARCH_KEPT_MS })

  async function readPage(sinceSeconds: number, after: string, signal: AbortSignal) {
    const from = { created: { gte: sinceSeconds }, ...(after === '' ? {} : { starting_after: after }) }
    const said = await call(() => stripe.paymentIntents.list({ ...from, limit: PER_PAGE }), signal)
    if (said.kind === 'rejected') throw new ProviderFailure(`Stripe does not list payments: ${said.error.message}`)
    return said.value
  }

  /** Goes through the list after a payment, until all attempts are found or older than what is left. */
  async function pass(start: string, attempts: readonly Attempt[], found: Map<string, Found>): Promise<void> {
    const signal = AbortSignal.timeout(SEARCH_MS_MAX)
    const sinceSeconds = Math.min(...attempts.map(sinceSecondsOf))
    const isOpen = ({ key }: Attempt) => !found.has(key)
    let after = start
    for (let pages = 0; pages < PAGES_MAX && attempts.some(isOpen); pages += 1) {
      const page = await readPage(sinceSeconds, after, signal).catch((error: unknown) => {
        if (pages === 0) throw error
        return undefined // What was read counts: a list that is slow would otherwise never be read to its end.
      })
      if (page === undefined) break
      const { data, has_more: hasMore } = page
      const keys = new Set(attempts.map(({ key }) => key))
      for (const intent of data) {
        const { [KEY]: key, [CLOSED]: closed } = intent.metadata
        if (key !== undefined && keys.has(key) && closed === undefined) found.set(key, intent)
      }
      const last = data.at(-1)
      for (const attempt of attempts.filter(isOpen))
        if (!hasMore || last === undefined || last.created < sinceSecondsOf(attempt)) found.set(attempt.key, 'absent')
      after = last?.id ?? after
    }
    for (const attempt of attempts.filter(isOpen)) {
      seen.set(attempt.key, after)
      found.set(attempt.key, 'not-yet')
    }
  }

  const search = createWriteBehind<Attempt, Found>({
    itemsMax: ATTEMPTS_MAX,
    write: async (attempts) => {
      const found = new Map<string, Found>()
      for (const [start, group] of Map.groupBy(attempts, ({ key }) => seen.get(key) ?? ''))
        await pass(start, group, found)
      return attempts.map(({ key }) => found.get(key) ?? 'not-yet')
    },
  })

  return async function findIntent(attempt: Attempt, signal: AbortSignal): Promise<Stripe.PaymentIntent | undefined> {
    const found = await raceSignal(search(attempt), signal)
    if (found === 'not-yet')
      throw new ProviderFailure('the payment is looked for in a long list, which the next round continues')
    seen.delete(attempt.key)
    return found === 'absent' ? undefined : found
  }
}
