import { databaseCheck } from '@floodgate/database'
import { busChecks } from '@floodgate/event-bus'
import { redisCheck } from '@floodgate/redis'
import { type ConnectionCheck, keysCheck } from '@floodgate/runtime'
import type { Config } from './config.ts'
import { GROUPS } from './saga/create-saga.ts'

/** Returns every connection of the order core, for `--check`. */
export function createChecks(config: Config): readonly ConnectionCheck[] {
  return [
    databaseCheck(config.databaseUrl),
    redisCheck(config.redisUrl),
    ...busChecks(config, GROUPS),
    // The waiting room may start later: its keys are fetched with the first admission.
    keysCheck({ name: 'keys of the waiting room', setting: 'JWKS_URL', url: config.jwksUrl, mayBeLater: true }),
  ]
}
