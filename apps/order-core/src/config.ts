import {
  appContradictions,
  appSettings,
  type ConfigOf,
  defineConfig,
  retentionSettings,
  setting,
  shopContradictions,
  shopSettings,
} from '@floodgate/runtime'

export const definition = defineConfig({
  app: 'order-core',
  summary: 'Checkout: holds stock, writes the order, runs the saga',
  settings: {
    ...appSettings({ port: 7200 }),
    jwksUrl: setting.url({
      description: "URL of the waiting room's public keys, which verify admissions",
      default: 'http://127.0.0.1:7100/.well-known/jwks.json',
    }),
    admissionIssuer: setting.text({ description: 'Issuer of admissions (`iss`)', default: 'floodgate' }),
    admissionAudience: setting.text({ description: 'Audience of admissions (`aud`)', default: 'order-core' }),
    emailKey: setting.keyRing({
      description:
        'Keys of e-mail addresses, each base64url of 32 bytes, separated by commas: the first encrypts, all verify links in mails (see Changing the keys)',
    }),
    paymentKey: setting.keyRing({
      description:
        'Keys of payment methods in events, each base64url of 32 bytes, separated by commas: the first encrypts (see Changing the keys)',
    }),
    orderPlacedVersion: setting.integer({
      description:
        'Version of `order.placed`: 2 seals the payment method; 1 publishes it in plain text, for apps that do not support 2 yet',
      unit: 'version',
      min: 1,
      max: 2,
      default: 2,
    }),
    orderEventNames: setting.flag({
      description:
        'Whether events of ended orders contain the sale, the items and the language, for mails; false while apps run that do not know these fields',
      default: true,
    }),
    ...shopSettings("which reads its customers' orders with it"),
    holdSeconds: setting.number({
      description: 'How long an unpaid order holds its stock',
      unit: 's',
      min: 2,
      max: 86_400,
      default: 600,
    }),
    chargeMarginSeconds: setting.number({
      description: 'Charging an order stops this long before its hold ends; at most half of the hold',
      unit: 's',
      min: 0,
      max: 3_600,
      default: 30,
    }),
    paymentSilenceSeconds: setting.number({
      description:
        'Payments count as delayed once the payment worker has answered no order for this long although some wait',
      unit: 's',
      min: 1,
      max: 600,
      default: 10,
    }),
    paymentCalmSeconds: setting.number({
      description: 'How long payments must be without trouble before a delay is over; at least PAYMENT_SILENCE_SECONDS',
      unit: 's',
      min: 1,
      max: 3_600,
      default: 60,
    }),
    holdStretchSecondsMax: setting.number({
      description: 'How much longer an unpaid order may hold its stock while payments are delayed; 0 = no longer',
      unit: 's',
      min: 0,
      max: 86_400,
      default: 600,
    }),
    commitSeconds: setting.number({
      description:
        'Age at which a hold without an order in Postgres is checked; also the delay of that check after a start',
      unit: 's',
      min: 1,
      max: 300,
      default: 15,
    }),
    batchMax: setting.integer({
      description: 'Maximum orders written by one statement',
      unit: 'orders',
      min: 1,
      max: 1_024,
      default: 256,
    }),
    queueMax: setting.integer({
      description: 'Maximum orders of one sale that wait for their commit; more are rejected as `busy`',
      unit: 'orders',
      min: 1,
      max: 100_000,
      default: 4_096,
    }),
    poolMax: setting.integer({
      description: 'Connections to Postgres for orders',
      unit: 'connections',
      min: 4,
      max: 100,
      default: 10,
    }),
    declinedMax: setting.integer({
      description: 'Declined orders of one admission; the last ends its slot; 0 = no limit',
      unit: 'orders',
      min: 0,
      max: 1_000,
      default: 5,
    }),
    refundRepeatSeconds: setting.number({
      description: 'A refund in progress for longer is requested from the payment worker again',
      unit: 's',
      min: 5,
      max: 86_400,
      default: 300,
    }),
    orderRetentionDays: setting.daysKept({
      description:
        'How long orders are kept after their end and the close of their sale; 0 = forever. At least as long as CHARGE_RETENTION_DAYS',
      min: 30,
      default: 730,
    }),
    ...retentionSettings,
    readsPerSecond: setting.number({
      description: 'Reads per client address, for catalogues and for orders separately; 0 = no limit',
      unit: 'requests/s',
      min: 0,
      max: 100_000,
      default: 100,
    }),
    readsBurst: setting.integer({
      description: 'Burst of reads per client address',
      unit: 'requests',
      min: 1,
      max: 10_000_000,
      default: 2_000,
    }),
    ordersPerSecond: setting.number({
      description: 'Orders placed or attempted per client address; 0 = no limit',
      unit: 'requests/s',
      min: 0,
      max: 100_000,
      default: 20,
    }),
    ordersBurst: setting.integer({
      description: 'Burst of orders per client address',
      unit: 'requests',
      min: 1,
      max: 10_000_000,
      default: 400,
    }),
  },
  contradictions: (config) => [
    ...appContradictions(config),
    ...shopContradictions(config),
    ...delayContradictions(config),
  ],
})

export type Config = ConfigOf<typeof definition>

/** Returns what can never work of the settings about delayed payments. */
function delayContradictions(config: {
  readonly paymentSilenceSeconds: number
  readonly paymentCalmSeconds: number
}): readonly string[] {
  if (config.paymentCalmSeconds >= config.paymentSilenceSeconds) return []
  return [
    'PAYMENT_CALM_SECONDS is shorter than PAYMENT_SILENCE_SECONDS: a delay would be over before silence could be seen again',
  ]
}
