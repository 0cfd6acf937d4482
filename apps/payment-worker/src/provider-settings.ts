import { setting } from '@floodgate/runtime'

const TYPE = /^[a-z][a-z_]{1,40}$/

/** The settings of `PAYMENT_PROVIDER=stripe`; without effect otherwise. */
export const stripeSettings = {
  stripeSecretKey: setting.optionalSecret({
    description: 'Secret or restricted key of the Stripe account, `sk_…` or `rk_…`; required for `stripe`',
  }),
  stripeWebhookSecrets: setting.list({
    description:
      'Signing secrets of the webhook endpoint, `whsec_…`, separated by commas: any of them counts. None: no webhooks',
    each: { isValid: (part) => /^whsec_[\x21-\x7e]{16,}$/.test(part), words: 'secrets that begin with whsec_' },
    secret: true,
  }),
  stripePaymentMethodTypes: setting.list({
    description: 'Payment method types that buyers may pay with, of those that are decided within minutes',
    each: { isValid: (part) => TYPE.test(part), words: 'payment method types such as card' },
    default: 'card',
  }),
  stripeCapture: setting.choice({
    description:
      'When Stripe takes the money: `automatic` with the order, `manual` once the order is confirmed; until then it is authorized',
    values: ['automatic', 'manual'],
    default: 'automatic',
  }),
  stripeUrl: setting.siteUrl({ description: 'The API of Stripe', default: 'https://api.stripe.com' }),
}

interface StripeConfig {
  readonly paymentProvider: string
  readonly paymentReturnUrl: string
  readonly stripeSecretKey?: string | undefined
  readonly stripePaymentMethodTypes: readonly string[]
  readonly stripeUrl: string
}

/** Returns what can never work about the settings of Stripe, where they are used. Pure. */
export function stripeContradictions(config: StripeConfig): readonly string[] {
  const { paymentProvider, stripeSecretKey: key, stripePaymentMethodTypes: types, stripeUrl } = config
  if (paymentProvider !== 'stripe') return []
  if (key === undefined) return ['PAYMENT_PROVIDER is stripe, and STRIPE_SECRET_KEY is not set.']
  const isLive = /^[sr]k_live_/.test(key)
  return [
    ...(/^[sr]k_/.test(key) ? [] : ['STRIPE_SECRET_KEY is no secret key: it begins with sk_ or rk_.']),
    ...(types.length === 0 ? ['STRIPE_PAYMENT_METHOD_TYPES names no type: nobody could pay.'] : []),
    ...(isLive && stripeUrl.startsWith('http:') ? ['STRIPE_URL would send a live key without encryption.'] : []),
    ...(isLive && config.paymentReturnUrl.startsWith('http:')
      ? ['PAYMENT_RETURN_URL must begin with https:// for a live key: Stripe sends buyers nowhere else.']
      : []),
  ]
}
