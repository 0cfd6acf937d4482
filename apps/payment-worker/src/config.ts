import { appSettings, type ConfigOf, defineConfig, retentionSettings, setting } from '@floodgate/runtime'

export const definition = defineConfig({
  app: 'payment-worker',
  summary: 'Charges and refunds orders through a payment provider, once each.',
  settings: {
    ...appSettings({ port: 7300 }),
    paymentKey: setting.keyRing({
      description:
        'Keys of payment methods in events, each base64url of 32 bytes, separated by commas: all of them open (see Changing the keys)',
    }),
    gatewayUrl: setting.url({ description: 'The payment provider', default: 'http://127.0.0.1:7500' }),
    orderCoreUrl: setting.url({
      description: 'The order core, asked before an order is charged late',
      default: 'http://127.0.0.1:7200',
    }),
    chargesInFlight: setting.integer({
      description: 'Charges that are worked on at once',
      unit: 'charges',
      min: 1,
      max: 4_096,
      default: 256,
    }),
    gatewayTimeoutMs: setting.integer({
      description: 'How long the provider may take to answer one call',
      unit: 'ms',
      min: 50,
      max: 8_000,
      default: 4_000,
    }),
    gatewayTries: setting.integer({
      description: 'How often one failing call is made before the charge waits for a later round',
      unit: 'calls',
      min: 1,
      max: 10,
      default: 3,
    }),
    gatewayRetryDelayMs: setting.integer({
      description: 'Pause before the second call; doubles from call to call',
      unit: 'ms',
      min: 1,
      max: 10_000,
      default: 100,
    }),
    breakerFailures: setting.integer({
      description: 'Failed calls in a row after which the provider is left alone',
      unit: 'calls',
      min: 1,
      max: 10_000,
      default: 10,
    }),
    breakerOpenMs: setting.integer({
      description: 'How long the provider is left alone before it is tried again',
      unit: 'ms',
      min: 50,
      max: 600_000,
      default: 2_000,
    }),
    chargeRetentionDays: setting.daysKept({
      description:
        'How long charges and refunds are kept after their end; 0 = for ever. No longer than ORDER_RETENTION_DAYS',
      min: 30,
      default: 730,
    }),
    ...retentionSettings,
    sweepMs: setting.integer({
      description: 'Pause between two looks for charges and refunds that are still open',
      unit: 'ms',
      min: 50,
      max: 60_000,
      default: 1_000,
    }),
  },
})

export type Config = ConfigOf<typeof definition>
