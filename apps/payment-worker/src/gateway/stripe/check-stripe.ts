import { raceSignal } from '@floodgate/async'
import { type ConnectionCheck, failed, warned } from '@floodgate/runtime'
import Stripe from 'stripe'
import { createStripeClient, headerOf, type StripeAddress } from './stripe-client.ts'

const CLOCKS_DIFFER_SECONDS_MAX = 60

/** Checks Stripe: lists one payment, which needs the right that the worker needs, and compares clocks. */
export async function checkStripe(
  address: StripeAddress,
  signal: AbortSignal,
): Promise<Awaited<ReturnType<ConnectionCheck['run']>>> {
  try {
    const listing = createStripeClient(address).paymentIntents.list({ limit: 1 })
    const date = headerOf(await raceSignal(listing, signal), 'date')
    const differ = date === null ? 0 : Math.abs(Date.parse(date) - Date.now()) / 1_000
    if (differ > CLOCKS_DIFFER_SECONDS_MAX)
      return failed(`its clock differs by ${Math.round(differ)} s`, 'Synchronize the clock of this machine.')
    const isTest = /^[rs]k_test_/.test(address.secretKey)
    return isTest ? warned('a key of the test mode', 'Use a live key where real money is paid.') : { kind: 'ok' }
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError) || error.statusCode === undefined) throw error
    const { statusCode, message } = error
    if (statusCode === 401) return failed('Stripe rejected the key', 'Correct STRIPE_SECRET_KEY.')
    if (statusCode === 403)
      return failed('the key may not read payments', 'Give it the rights that docs/payments.md lists.')
    return failed(`it responded with ${statusCode}: ${message}`.slice(0, 200), 'Look at status.stripe.com.')
  }
}
