import { databaseCheck } from '@floodgate/database'
import { busChecks } from '@floodgate/event-bus'
import { redisCheck } from '@floodgate/redis'
import { type ConnectionCheck, operatorCheck, warned } from '@floodgate/runtime'
import type { Config } from './config.ts'
import { GROUP } from './consume-orders.ts'
import { providerCheck } from './gateway/provider-check.ts'
import { tossCheck } from './gateway/toss/toss-check.ts'

/** Returns every connection of the payment worker, for `--check`. */
export function createChecks(config: Config): readonly ConnectionCheck[] {
  return [
    databaseCheck(config.databaseUrl),
    // Redis is used for the bus alone.
    ...(config.bus === 'redis' ? [redisCheck(config.redisUrl)] : []),
    ...busChecks(config, [GROUP]),
    checkOfProvider(config),
    ...rateChecks(config),
    operatorCheck({
      ...{ name: 'order core', setting: 'ORDER_CORE_URL', url: config.orderCoreUrl, adminToken: config.adminToken },
      path: '/admin/orders?number=00000000',
    }),
  ]
}

/** Real providers limit the rate of an account; the simulator does not. */
function rateChecks({ paymentProvider, providerWritesPerSecondMax: max }: Config): readonly ConnectionCheck[] {
  if (paymentProvider === 'simulator' || max > 0) return []
  const finding = warned('no limit', 'Set what your account may do, for Stripe 100 calls a second by default.')
  return [{ name: 'provider rate', setting: 'PROVIDER_WRITES_PER_SECOND_MAX', run: async () => finding }]
}

function checkOfProvider(config: Config): ConnectionCheck {
  switch (config.paymentProvider) {
    case 'simulator':
      return providerCheck(config.gatewayUrl)
    case 'stripe':
      return {
        ...{ name: 'Stripe', setting: 'STRIPE_SECRET_KEY' },
        async run(signal) {
          const { checkStripe } = await import('./gateway/stripe/check-stripe.ts')
          return await checkStripe({ url: config.stripeUrl, secretKey: config.stripeSecretKey ?? '' }, signal)
        },
      }
    case 'toss':
      return tossCheck(config)
  }
}
