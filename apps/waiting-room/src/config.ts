import {
  appContradictions,
  type ConfigOf,
  defineConfig,
  retentionSettings,
  setting,
  shopContradictions,
  shopSettings,
  socketAppSettings,
} from '@floodgate/runtime'

export const definition = defineConfig({
  app: 'waiting-room',
  summary: 'the line: join, wait, be admitted; sales, buyer pages and the operator console',
  settings: {
    ...socketAppSettings({ port: 7100 }),
    floodgateKeys: setting.requiredText({
      description: 'Path of the private JWK Set file that signs tickets and admissions',
    }),
    publicUrl: setting.siteUrl({
      description: 'URL of this service for buyers; with https the cookie is `Secure`',
      default: 'http://127.0.0.1:7100',
    }),
    orderCoreUrl: setting.siteUrl({
      description: 'URL of the order core for buyers, passed to the pages',
      default: 'http://127.0.0.1:7200',
    }),
    notifierUrl: setting.siteUrl({
      description: 'URL of the notifier for buyers, passed to the pages',
      default: 'http://127.0.0.1:7400',
    }),
    paymentWorkerUrl: setting.siteUrl({
      description: 'URL of the payment worker for the operator console',
      default: 'http://127.0.0.1:7300',
    }),
    checkoutPayment: setting.choice({
      description:
        'What the checkout form of the page offers: the cards of the payment simulator, or nothing, because the buyer pays on the ' +
        'page of the provider (as with `PAYMENT_PROVIDER=toss` of the payment worker)',
      values: ['simulator', 'provider-page'],
      default: 'simulator',
    }),
    admissionIssuer: setting.text({ description: '`iss` of the admissions', default: 'floodgate' }),
    admissionAudience: setting.text({ description: '`aud` of the admissions', default: 'order-core' }),
    ...shopSettings('which reports finished slots with it. Unset, only operators report them'),
    passesVoidedBy: setting.choice({
      description:
        'Service that confirms that the admission of a returned turn starts no order, before its slot is reused. `nobody`: ' +
        'for your own shop that reads the revocations each second; the slot is reused after 3 s',
      values: ['order-core', 'nobody'],
      default: 'order-core',
    }),
    recoverySeconds: setting.integer({
      description: 'How long no buyer is admitted after Redis lost data, while tickets are restored',
      unit: 's',
      min: 1,
      max: 600,
      default: 30,
    }),
    delayedAdmissionPercent: setting.integer({
      description: 'Share of its rate at which a sale admits while payments are delayed; 100 = all of it',
      unit: '%',
      min: 1,
      max: 100,
      default: 50,
    }),
    archiveDays: setting.integer({
      description: 'How long the log of a sale is kept after its close, at least 3 days; 0 = forever',
      unit: 'days',
      min: 0,
      max: 36_500,
      default: 90,
    }),
    auditRetentionDays: setting.daysKept({
      description: 'How long the audit of operators is kept, and their tokens after their expiry; 0 = forever',
      min: 30,
      default: 730,
    }),
    logEntriesMax: setting.integer({
      description:
        'Maximum entries of one log in Redis; from nine tenths on, archived entries are trimmed first, then the oldest',
      unit: 'entries',
      min: 1_000,
      max: 100_000_000,
      default: 1_000_000,
    }),
    ...retentionSettings,
    newPlacesPerSecond: setting.number({
      description: 'New places in line per client address; 0 = no limit. Buyers with a place are not counted',
      unit: 'places/s',
      min: 0,
      max: 100_000,
      default: 50,
    }),
    newPlacesBurst: setting.integer({
      description: 'Burst of new places per client address: mobile networks put thousands of buyers behind one address',
      unit: 'places',
      min: 1,
      max: 10_000_000,
      default: 2_000,
    }),
    pollsEarlyMax: setting.integer({
      description:
        'Early polls of one ticket (before half its interval) that receive the previous response; more are rejected until ' +
        'the interval ends. Also the burst of its requests for more time, besides one per second. 0 = no limit, and each ' +
        'poll is read',
      unit: 'polls',
      min: 0,
      max: 100_000,
      default: 10,
    }),
    traceJoinsRatio: setting.number({
      description:
        'Share of joins that are recorded in traces; admissions and what follows them are recorded in any case, as `OTEL_TRACES_SAMPLER` says',
      unit: 'of 1',
      min: 0,
      max: 1,
      default: 0.01,
    }),
    waitingMax: setting.integer({
      description: 'Waiting places of one sale; more are rejected as `line-full`; 0 = no limit',
      unit: 'places',
      min: 0,
      max: 100_000_000,
      default: 5_000_000,
    }),
  },
  contradictions: (config) => [...appContradictions(config), ...shopContradictions(config)],
})
export type Config = ConfigOf<typeof definition>
