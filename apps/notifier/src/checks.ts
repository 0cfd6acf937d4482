import { databaseCheck } from '@floodgate/database'
import { busChecks } from '@floodgate/event-bus'
import { redisCheck } from '@floodgate/redis'
import { appCheck, type ConnectionCheck, keysCheck } from '@floodgate/runtime'
import type { Config } from './config.ts'
import { GROUPS } from './consume-orders.ts'
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
    appCheck({ name: 'this app', setting: 'PUBLIC_URL', url: config.publicUrl }),
  ]
}
