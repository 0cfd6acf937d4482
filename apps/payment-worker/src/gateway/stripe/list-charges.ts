import type Stripe from 'stripe'
import type { ListOutcome, ProviderCharge } from '../payment-gateway.ts'
import { ProviderFailure } from '../resilience.ts'
import { minorAmountOf } from './amounts.ts'
import { ORDER } from './intents.ts'
import type { CallStripe } from './stripe-client.ts'

const PER_PAGE = 100
const DAY_SECONDS = 86_400

/** Lists the approved charges of orders, page by page. An account may have charges of other shops: they are left out. */
export async function listStripeCharges(
  { stripe, call }: { readonly stripe: Stripe; readonly call: CallStripe },
  { listedDays }: { readonly listedDays: number },
  signal: AbortSignal,
): Promise<ListOutcome> {
  const nowSeconds = Math.floor(Date.now() / 1_000)
  const since = listedDays === 0 ? {} : { created: { gte: nowSeconds - listedDays * DAY_SECONDS } }
  const charges: ProviderCharge[] = []
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { starting_after: after }
    const said = await call(() => stripe.charges.list({ ...since, ...from, limit: PER_PAGE }), signal)
    if (said.kind === 'rejected') throw new ProviderFailure(`Stripe does not list charges: ${said.error.message}`)
    charges.push(...said.value.data.flatMap(chargesOf))
    after = said.value.data.at(-1)?.id
    if (!said.value.has_more || after === undefined) return { kind: 'listed', charges }
  }
}

function chargesOf(charge: Stripe.Charge): ProviderCharge[] {
  const { metadata, status, payment_intent: intent } = charge
  const orderId = metadata[ORDER]
  if (orderId === undefined || status !== 'succeeded') return []
  const currency = charge.currency.toUpperCase()
  return [
    {
      chargeId: (typeof intent === 'string' ? intent : intent?.id) ?? charge.id,
      orderId,
      amountMinor: minorAmountOf(charge.amount, currency),
      currency,
      refundedMinor: minorAmountOf(charge.amount_refunded, currency),
      chargedAtMs: charge.created * 1_000,
      ...(charge.captured ? {} : { isAuthorized: true }),
    },
  ]
}
