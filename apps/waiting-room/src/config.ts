import { type ConfigOf, defineConfig, retentionSettings, setting, socketAppSettings } from '@floodgate/runtime'

export const definition = defineConfig({
  app: 'waiting-room',
  summary: 'the line: join, wait, be admitted; sales, buyer pages and the operator console',
  settings: {
    ...socketAppSettings({ port: 7100 }),
    floodgateKeys: setting.requiredText({
      description: 'Path of the private JWK Set file that tickets and admissions are signed with',
    }),
    publicUrl: setting.siteUrl({
      description: 'Where buyers reach this service; with https the cookie is Secure',
      default: 'http://127.0.0.1:7100',
    }),
    orderCoreUrl: setting.siteUrl({
      description: 'Where buyers reach the order core; given to the pages',
      default: 'http://127.0.0.1:7200',
    }),
    notifierUrl: setting.siteUrl({
      description: 'Where buyers reach the notifier; given to the pages',
      default: 'http://127.0.0.1:7400',
    }),
    paymentWorkerUrl: setting.siteUrl({
      description: 'Where the operator console reaches the payment worker',
      default: 'http://127.0.0.1:7300',
    }),
    admissionIssuer: setting.text({ description: '`iss` of the admissions', default: 'floodgate' }),
    admissionAudience: setting.text({ description: '`aud` of the admissions', default: 'order-core' }),
    passesVoidedBy: setting.choice({
      description:
        'Who confirms that the pass of a turn given back starts no order any more, before its slot returns. `nobody`: for ' +
        'shops of your own that read the revocations each second; the slot returns after 3 s',
      values: ['order-core', 'nobody'],
      default: 'order-core',
    }),
    recoverySeconds: setting.integer({
      description: 'How long nobody is admitted after Redis lost something, while tickets are put back',
      unit: 's',
      min: 1,
      max: 600,
      default: 30,
    }),
    archiveDays: setting.integer({
      description: 'How long the log of a sale is kept after its close, 3 days at least; 0 = for ever',
      unit: 'days',
      min: 0,
      max: 36_500,
      default: 90,
    }),
    logEntriesMax: setting.integer({
      description:
        'Entries of one log in Redis at most; from nine tenths on archived ones go first, then the oldest are cut',
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
      description:
        'New places at once per client address after a rest: mobile networks put thousands behind one address',
      unit: 'places',
      min: 1,
      max: 10_000_000,
      default: 2_000,
    }),
    pollsEarlyMax: setting.integer({
      description:
        'Polls of one ticket earlier than half its interval that get the last answer again; more are refused until the ' +
        'interval is over. Also its requests for more time at once, besides one a second. 0 = no limit, and each is read',
      unit: 'polls',
      min: 0,
      max: 100_000,
      default: 10,
    }),
    waitingMax: setting.integer({
      description: 'Waiting places of one sale; more are refused as `line-full`; 0 = no limit',
      unit: 'places',
      min: 0,
      max: 100_000_000,
      default: 5_000_000,
    }),
  },
})
export type Config = ConfigOf<typeof definition>
