import { type ConfigOf, commonSettings, defineConfig, setting } from '@floodgate/runtime'

export const definition = defineConfig({
  app: 'payment-simulator',
  summary: 'A payment provider for development and tests: charges no real money, fails on request.',
  settings: {
    port: setting.integer({ description: 'Port to listen on', unit: 'port', min: 0, max: 65_535, default: 7500 }),
    ...commonSettings,
    dataFile: setting.optionalText({
      description: 'File that keeps the charges across restarts; without one they are kept in memory',
    }),
    chargesMax: setting.integer({
      description: 'Charges kept; above it, new charges are rejected',
      unit: 'charges',
      min: 1,
      max: 10_000_000,
      default: 500_000,
    }),
  },
})

export type PaymentSimulatorConfig = ConfigOf<typeof definition>
