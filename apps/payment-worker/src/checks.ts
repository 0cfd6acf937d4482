import { databaseCheck } from '@floodgate/database'
import { busChecks } from '@floodgate/event-bus'
import { redisCheck } from '@floodgate/redis'
import { type ConnectionCheck, operatorCheck } from '@floodgate/runtime'
import type { Config } from './config.ts'
import { GROUP } from './consume-orders.ts'
import { providerCheck } from './gateway/provider-check.ts'
import { stripeCheck } from './gateway/stripe/stripe-check.ts'
import { tossCheck } from './gateway/toss-check.ts'

/** Returns every connection of the payment worker, for `--check`. */
export function createChecks(config: Config): readonly ConnectionCheck[] {
  return [
    databaseCheck(config.databaseUrl),
    // Redis is used for the bus alone.
    ...(config.bus === 'redis' ? [redisCheck(config.redisUrl)] : []),
    ...busChecks(config, [GROUP]),
    checkOfProvider(config),
    operatorCheck({
      ...{ name: 'order core', setting: 'ORDER_CORE_URL', url: config.orderCoreUrl, adminToken: config.adminToken },
      path: '/admin/orders?number=00000000',
    }),
  ]
}

function checkOfProvider(config: Config): ConnectionCheck {
  switch (config.paymentProvider) {
    case 'simulator':
      return providerCheck(config.gatewayUrl)
    case 'stripe':
      return stripeCheck({ url: config.stripeUrl, secretKey: config.stripeSecretKey ?? '' })
    case 'toss':
      return tossCheck(config)
  }
}
