import {
  adminTokenSetting,
  busSettings,
  type ConfigOf,
  commonSettings,
  databaseUrlSetting,
  defineConfig,
  opsSettings,
  redisUrlSetting,
  setting,
  workersSetting,
} from '@floodgate/service'

export const definition = defineConfig({
  app: 'order-core',
  summary: 'Checkout: holds stock, writes the order, runs the saga',
  settings: {
    port: setting.integer({ description: 'Port to listen on', unit: 'port', min: 0, max: 65_535, default: 7200 }),
    ...opsSettings(8200),
    ...workersSetting,
    ...commonSettings,
    databaseUrl: databaseUrlSetting,
    redisUrl: redisUrlSetting,
    adminToken: adminTokenSetting,
    ...busSettings,
    jwksUrl: setting.url({
      description: 'Where the waiting room publishes the keys that admissions are signed with',
      default: 'http://127.0.0.1:7100/.well-known/jwks.json',
    }),
    admissionIssuer: setting.text({ description: 'Issuer of admissions (`iss`)', default: 'floodgate' }),
    admissionAudience: setting.text({ description: 'Audience of admissions (`aud`)', default: 'order-core' }),
    emailKey: setting.secret({
      description: 'Seals e-mail addresses until the notifier opens them: 32 bytes as base64url',
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
      description: 'After this long a hold without an order in Postgres is looked into',
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
      description: 'Orders that wait for their commit at most; more are refused as `busy`',
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
  },
})

export type Config = ConfigOf<typeof definition>
