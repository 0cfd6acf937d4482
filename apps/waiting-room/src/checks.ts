import { databaseCheck } from '@floodgate/database'
import { busChecks } from '@floodgate/event-bus'
import { redisCheck } from '@floodgate/redis'
import { appCheck, type ConnectionCheck } from '@floodgate/runtime'
import { GROUPS } from './bus.ts'
import type { Config } from './config.ts'
import { issuersCheck } from './identity/issuers-check.ts'
import { keyFileCheck } from './tokens/key-file-check.ts'

/** Returns every connection of the waiting room, for `--check`. */
export function createChecks(config: Config): readonly ConnectionCheck[] {
  return [
    databaseCheck(config.databaseUrl),
    redisCheck(config.redisUrl),
    ...busChecks(config, GROUPS),
    keyFileCheck(config.floodgateKeys),
    issuersCheck(config.databaseUrl),
    appCheck({ name: 'order core', setting: 'ORDER_CORE_URL', url: config.orderCoreUrl }),
    appCheck({ name: 'notifier', setting: 'NOTIFIER_URL', url: config.notifierUrl }),
    appCheck({ name: 'payment worker', setting: 'PAYMENT_WORKER_URL', url: config.paymentWorkerUrl }),
    appCheck({ name: 'this app', setting: 'PUBLIC_URL', url: config.publicUrl }),
  ]
}
