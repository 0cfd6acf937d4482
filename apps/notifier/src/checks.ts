import { databaseCheck } from '@floodgate/database'
import { busChecks } from '@floodgate/event-bus'
import { redisCheck } from '@floodgate/redis'
import { appCheck, type ConnectionCheck, keysCheck, warned } from '@floodgate/runtime'
import type { Config } from './config.ts'
import { GROUPS } from './consume-orders.ts'
import { isLoopback } from './mail/link-site.ts'
import { mailServerCheck } from './mail/mail-server-check.ts'
import { endpointsOf } from './webhooks/endpoints.ts'
import { webhookCheck } from './webhooks/webhook-check.ts'

/** Returns every connection of the notifier, for `--check`. */
export function createChecks(config: Config): readonly ConnectionCheck[] {
  return [
    databaseCheck(config.databaseUrl),
    redisCheck(config.redisUrl),
    ...busChecks(config, GROUPS),
    mailServerCheck(config),
    ...endpointsOf(config).map(webhookCheck),
    // The waiting room may start later: its keys are fetched with the first admission.
    keysCheck({ name: 'keys of the waiting room', setting: 'JWKS_URL', url: config.jwksUrl, mayBeLater: true }),
    appCheck({ name: 'waiting room', setting: 'WAITING_ROOM_URL', url: config.waitingRoomUrl }),
    ...stopLinkChecks(config),
    appCheck({ name: 'this app', setting: 'PUBLIC_URL', url: config.publicUrl }),
  ]
}

/** Mail programs end reminders by one click only at an https address that they reach (RFC 8058 §3.1). */
export function stopLinkChecks({
  environment,
  remindersPerSaleMax,
  publicUrl,
}: Pick<Config, 'environment' | 'remindersPerSaleMax' | 'publicUrl'>): readonly ConnectionCheck[] {
  const works = publicUrl.startsWith('https:') && !isLoopback(publicUrl)
  if (environment !== 'production' || remindersPerSaleMax === 0 || works) return []
  const finding = warned(
    `the link in reminders leads to ${publicUrl}, where no mail program can end them`,
    'Set the https address that buyers reach, or REMINDERS_PER_SALE_MAX to 0.',
  )
  return [{ name: 'end of reminders', setting: 'PUBLIC_URL', run: async () => finding }]
}
