import { appSettings, type ConfigOf, defineConfig, retentionSettings, setting } from '@floodgate/runtime'

export const definition = defineConfig({
  app: 'order-core',
  summary: 'Checkout: holds stock, writes the order, runs the saga',
  settings: {
    ...appSettings({ port: 7200 }),
    jwksUrl: setting.url({
      description: 'Where the waiting room publishes the keys that admissions are signed with',
      default: 'http://127.0.0.1:7100/.well-known/jwks.json',
    }),
    admissionIssuer: setting.text({ description: 'Issuer of admissions (`iss`)', default: 'floodgate' }),
    admissionAudience: setting.text({ description: 'Audience of admissions (`aud`)', default: 'order-core' }),
    emailKey: setting.keyRing({
      description:
        'Keys of e-mail addresses, each base64url of 32 bytes, separated by commas: the first one seals, all of them verify links of mails (see Changing the keys)',
    }),
    paymentKey: setting.keyRing({
      description:
        'Keys of payment methods in events, each base64url of 32 bytes, separated by commas: the first one seals (see Changing the keys)',
    }),
    orderPlacedVersion: setting.integer({
      description:
        'Version of `order.placed`: 2 seals the payment method; 1 publishes it in clear, while apps run that do not know 2',
      unit: 'version',
      min: 1,
      max: 2,
      default: 2,
    }),
    orderEventNames: setting.flag({
      description:
        'Whether events of orders that ended name the sale, the items and the language, for mails; false while apps run that do not know these fields',
      default: true,
    }),
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
    commitSeconds: setting.number({
      description: 'After this long, and this long after a start, a hold without an order in Postgres is looked into',
      unit: 's',
      min: 1,
      max: 300,
      default: 15,
    }),
    batchMax: setting.integer({
      description: 'Orders that one statement writes at most',
      unit: 'orders',
      min: 1,
      max: 1_024,
      default: 256,
    }),
    queueMax: setting.integer({
      description: 'Orders of one sale that wait for their commit at most; more are refused as `busy`',
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
      description: 'A refund under way for longer is requested of the payment worker once more',
      unit: 's',
      min: 5,
      max: 86_400,
      default: 300,
    }),
    orderRetentionDays: setting.daysKept({
      description:
        'How long orders are kept after their end and the close of their sale; 0 = for ever. At least as long as CHARGE_RETENTION_DAYS',
      min: 30,
      default: 730,
    }),
    ...retentionSettings,
    readsPerSecond: setting.number({
      description: 'Reads per client address, of catalogues and of orders each; 0 = no limit',
      unit: 'requests/s',
      min: 0,
      max: 100_000,
      default: 100,
    }),
    readsBurst: setting.integer({
      description: 'Reads at once per client address after a rest',
      unit: 'requests',
      min: 1,
      max: 10_000_000,
      default: 2_000,
    }),
    ordersPerSecond: setting.number({
      description: 'Orders placed or tried per client address; 0 = no limit',
      unit: 'requests/s',
      min: 0,
      max: 100_000,
      default: 20,
    }),
    ordersBurst: setting.integer({
      description: 'Orders at once per client address after a rest',
      unit: 'requests',
      min: 1,
      max: 10_000_000,
      default: 400,
    }),
  },
})

export type Config = ConfigOf<typeof definition>
