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
import { linkSiteProblems } from './mail/link-site.ts'
import { SMTP_TLS_MODES, smtpContradictions } from './mail/smtp-tls.ts'
import { ENDPOINT_FORM, webhookContradictions } from './webhooks/endpoints.ts'

export const definition = defineConfig({
  app: 'notifier',
  summary: 'Mails buyers about their orders and pushes the live state of an order.',
  settings: {
    ...socketAppSettings({ port: 7400 }),
    ...shopSettings("which reads its customers' notices with it"),
    publicUrl: setting.siteUrl({
      description:
        'URL of this service for buyers; WebSockets from its origin are accepted, whatever `Host` a proxy sends',
      default: 'http://127.0.0.1:7400',
    }),
    smtpUrl: setting.serverUrl({
      schemes: ['smtp', 'smtps'],
      description:
        'Mail server, as `smtp://user:password@host:port`; `smtps` for TLS from the start (docs/deploy/mail.md)',
      default: 'smtp://127.0.0.1:7525',
      secret: true,
    }),
    smtpTls: setting.choice({
      description:
        'TLS to the mail server: `starttls` requires it after the greeting, `implicit` from the start, `none` sends all in plain text, the password included. `auto` follows `SMTP_URL`, and never sends its password in plain text',
      values: SMTP_TLS_MODES,
      default: 'auto',
    }),
    smtpCaFile: setting.optionalText({
      description: "PEM file of the authorities that may issue the mail server's certificate; default: those of Node",
    }),
    smtpCertFile: setting.optionalText({
      description: 'PEM file of the client certificate, where the mail server requires one',
    }),
    smtpKeyFile: setting.optionalText({ description: 'PEM file of its private key, without a passphrase' }),
    smtpServerName: setting.optionalText({
      description: "Host name in the mail server's certificate, where it differs from that of `SMTP_URL`",
    }),
    smtpConnections: setting.integer({
      description: 'Connections to the mail server, and mails sent at once',
      unit: 'connections',
      min: 1,
      max: 100,
      default: 20,
    }),
    mailsPerSecond: setting.integer({
      description: 'Maximum mails that one process starts per second; others wait in the queue',
      unit: 'mails',
      min: 10,
      max: 10_000,
      default: 20,
    }),
    smtpTimeoutMs: setting.integer({
      description: 'How long the mail server may be silent; one mail may take 10 s more in total',
      unit: 'ms',
      min: 100,
      max: 120_000,
      default: 20_000,
    }),
    reminderMinutes: setting.integer({
      description: 'How long before the opening of a sale its reminders are sent',
      unit: 'min',
      min: 1,
      max: 1_440,
      default: 10,
    }),
    remindersPerSecond: setting.number({
      description: 'Requests for reminders per client address; 0 = no limit',
      unit: 'requests/s',
      min: 0,
      max: 100_000,
      default: 1,
    }),
    remindersBurst: setting.integer({
      description: 'Burst of requests for reminders per client address',
      unit: 'requests',
      min: 1,
      max: 10_000_000,
      default: 100,
    }),
    remindersPerSaleMax: setting.integer({
      description: 'Maximum reminders of one sale; further requests are rejected; 0 = no reminders',
      unit: 'reminders',
      min: 0,
      max: 10_000_000,
      default: 100_000,
    }),
    mailFrom: setting.sender({
      description: 'Sender of the mails, `Name <address>`; its host is the host of every Message-ID',
      default: 'Floodgate <orders@floodgate.invalid>',
    }),
    mailAttempts: setting.integer({
      description: 'Attempts for a mail whose recipient or content the mail server rejects permanently',
      unit: 'attempts',
      min: 1,
      max: 100,
      default: 3,
    }),
    mailRetryHours: setting.integer({
      description: 'How long a mail deferred by the mail server is retried; an outage of that server does not count',
      unit: 'h',
      min: 1,
      max: 168,
      default: 24,
    }),
    mailUnreadableHours: setting.integer({
      description: 'How long a mail waits for the key that decrypts its address',
      unit: 'h',
      min: 1,
      max: 168,
      default: 12,
    }),
    mailRetentionDays: setting.daysKept({
      description: 'How long sent and dead mails are kept; 0 = forever. Events older than that are not mailed',
      min: 30,
      default: 90,
    }),
    stateRetentionDays: setting.daysKept({
      description: 'How long the live state of an order is kept after its last change; 0 = forever',
      min: 30,
      default: 90,
    }),
    waitingRoomUrl: setting.siteUrl({
      description:
        'URL of the waiting room for buyers: links in mails lead to its pages. A loopback address is rejected in production while mails have links or there are reminders',
      default: 'http://127.0.0.1:7100',
    }),
    orderLinkDays: setting.integer({
      description: 'Lifetime of the link to the order in a mail, from its sending; 0 = mails without a link',
      unit: 'days',
      min: 0,
      max: 730,
      default: 90,
    }),
    webhooks: setting.list({
      description:
        'Servers of the shop that receive webhooks about orders (docs/webhooks.md), as `name=URL`, separated by commas; operators see the URLs',
      each: ENDPOINT_FORM,
    }),
    webhookSecrets: setting.optionalPassword({
      description: 'Secrets that sign webhooks, each `whsec_…`, separated by commas: each of them signs every webhook',
    }),
    webhookPlainHttp: setting.flag({
      description: 'Whether `WEBHOOKS` may name http:// addresses of other machines: orders then travel in plain text',
      default: false,
    }),
    webhookTimeoutMs: setting.integer({
      description: 'Maximum time of an endpoint for one webhook, its response included',
      unit: 'ms',
      min: 100,
      max: 60_000,
      default: 10_000,
    }),
    webhookConnections: setting.integer({
      description: 'Webhooks that one process sends at once to one endpoint',
      unit: 'connections',
      min: 1,
      max: 100,
      default: 10,
    }),
    webhooksPerSecond: setting.integer({
      description: 'Maximum webhooks that one process starts per second for one endpoint; others wait in its queue',
      unit: 'webhooks',
      min: 10,
      max: 10_000,
      default: 100,
    }),
    webhookRetryHours: setting.integer({
      description: 'How long a webhook is retried from its first attempt',
      unit: 'h',
      min: 1,
      max: 168,
      default: 24,
    }),
    webhookRetentionDays: setting.daysKept({
      description: 'How long webhooks are kept; 0 = forever. Older events are not sent',
      min: 7,
      default: 30,
    }),
    inboxRetentionDays: setting.daysKept({
      description: "How long notices stay in a buyer's inbox; 0 = forever. Events older than that are not stored",
      min: 7,
      default: 90,
    }),
    readsPerSecond: setting.number({
      description: 'Reads of an inbox per client address; 0 = no limit',
      unit: 'requests/s',
      min: 0,
      max: 100_000,
      default: 100,
    }),
    readsBurst: setting.integer({
      description: 'Burst of reads per client address',
      unit: 'requests',
      min: 1,
      max: 1_000_000,
      default: 2_000,
    }),
    ...retentionSettings,
    emailKey: setting.keyRing({
      description:
        'Keys of e-mail addresses, each base64url of 32 bytes, separated by commas: all decrypt, the first signs links and encrypts addresses of reminders (see Changing the keys)',
    }),
    jwksUrl: setting.url({
      description: "The waiting room's public keys",
      default: 'http://127.0.0.1:7100/.well-known/jwks.json',
    }),
    admissionIssuer: setting.text({ description: 'Required issuer of an admission (`iss`)', default: 'floodgate' }),
    admissionAudience: setting.text({
      description: 'Required audience of an admission (`aud`)',
      default: 'order-core',
    }),
  },
  contradictions: (config) => [
    ...appContradictions(config),
    ...shopContradictions(config),
    ...linkSiteProblems(config),
    ...smtpContradictions(config),
    ...webhookContradictions(config),
  ],
})

export type Config = ConfigOf<typeof definition>
