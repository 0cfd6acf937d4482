import {
  appContradictions,
  appSettings,
  type ConfigOf,
  defineConfig,
  retentionSettings,
  setting,
} from '@floodgate/runtime'
import { tossContradictions } from './gateway/toss/toss-settings.ts'
import { stripeContradictions, stripeSettings } from './provider-settings.ts'

export const definition = defineConfig({
  app: 'payment-worker',
  summary: 'Charges and refunds orders through a payment provider, once each.',
  settings: {
    ...appSettings({ port: 7300 }),
    paymentKey: setting.keyRing({
      description:
        'Keys of payment methods in events, each base64url of 32 bytes, separated by commas: all decrypt (see Changing the keys)',
    }),
    ...stripeSettings,
    gatewayUrl: setting.serverUrl({
      description: 'The payment provider `simulator`, as `https://user:password@host:port`',
      schemes: ['http', 'https'],
      path: { pattern: /^\/$/, words: 'no path' },
      default: 'http://127.0.0.1:7500',
      secret: true,
    }),
    paymentProvider: setting.choice({
      description: 'The payment provider: the simulator at GATEWAY_URL, Stripe, or Toss Payments',
      values: ['simulator', 'stripe', 'toss'],
      default: 'simulator',
    }),
    tossSecretKey: setting.optionalSecret({
      description: 'Secret key of Toss Payments, `test_sk_…` or `live_sk_…`. Required with PAYMENT_PROVIDER=toss',
    }),
    tossUrl: setting.url({
      description: 'The API of Toss Payments',
      default: 'https://api.tosspayments.com',
    }),
    paymentReturnUrl: setting.urlTemplate({
      description:
        'Where a buyer comes back to from a page of the bank, with `{sale}` and `{order}`: the page of the sale, that of the order (`/sales/{sale}/orders/{order}?payment={order}`), or one of your own',
      names: ['sale', 'order'],
      default: 'http://127.0.0.1:7100/sales/{sale}?payment={order}',
    }),
    orderCoreUrl: setting.siteUrl({
      description: 'The order core, queried before a late charge',
      default: 'http://127.0.0.1:7200',
    }),
    chargesInFlight: setting.integer({
      description: 'Charges in progress at once',
      unit: 'charges',
      min: 1,
      max: 4_096,
      default: 256,
    }),
    gatewayTimeoutMs: setting.integer({
      description: 'Timeout of one call to the provider',
      unit: 'ms',
      min: 50,
      max: 8_000,
      default: 4_000,
    }),
    gatewayTries: setting.integer({
      description: 'Attempts of a failing call before the charge waits for a later round',
      unit: 'calls',
      min: 1,
      max: 10,
      default: 3,
    }),
    gatewayRetryDelayMs: setting.integer({
      description: 'Pause before the second call; doubled before each further call',
      unit: 'ms',
      min: 1,
      max: 10_000,
      default: 100,
    }),
    breakerFailures: setting.integer({
      description: 'Consecutive failed calls that open the circuit breaker of the provider',
      unit: 'calls',
      min: 1,
      max: 10_000,
      default: 10,
    }),
    breakerOpenMs: setting.integer({
      description: 'How long the circuit breaker stays open before the next call to the provider',
      unit: 'ms',
      min: 50,
      max: 600_000,
      default: 2_000,
    }),
    providerWritesPerSecondMax: setting.number({
      description:
        'Charges, captures, refunds and ends of charges that all payment workers together send to the provider; charges and captures go first. 0 = no limit',
      unit: 'calls/s',
      min: 0,
      max: 10_000,
      default: 0,
    }),
    drainWritesPerSecond: setting.number({
      description:
        'The same limit right after an outage of the provider or of all workers, doubled every 10 s and gone after 100 s; 0 = no limit',
      unit: 'calls/s',
      min: 0,
      max: 10_000,
      default: 50,
    }),
    chargeRetentionDays: setting.daysKept({
      description:
        'How long charges and refunds are kept after their end; 0 = forever. No longer than ORDER_RETENTION_DAYS',
      min: 30,
      default: 730,
    }),
    moneyCheckSeconds: setting.integer({
      description:
        'Pause between two money checks for `floodgate_money_check_findings`; each reads all kept orders and all charges. 0 = only on request',
      unit: 's',
      min: 0,
      max: 86_400,
      default: 3_600,
    }),
    ...retentionSettings,
    sweepMs: setting.integer({
      description: 'Pause between two queries for open charges, captures and refunds',
      unit: 'ms',
      min: 50,
      max: 60_000,
      default: 1_000,
    }),
  },
  contradictions: (config) => [
    ...appContradictions(config),
    ...tossContradictions(config),
    ...stripeContradictions(config),
  ],
})

export type Config = ConfigOf<typeof definition>
