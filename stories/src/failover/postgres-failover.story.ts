import { freeze, promotePostgres, replicateSynchronously } from '@floodgate/testkit'
import { afterAll, describe, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from '../kills/chance.ts'
import type { Fault } from '../kills/faults.ts'
import { loseLastCommits } from './lose-commits.ts'
import { type PostgresPair, startPair, startProxyOf } from './postgres-pair.ts'
import { surviveFailover } from './survive-failover.ts'

const draw = createChance()

describe('behind HAProxy', () => {
  let pair: PostgresPair
  let proxy: { stop(): Promise<void> } | undefined
  afterAll(async () => {
    await proxy?.stop()
    await pair.remove()
  })
  const testSystem = withSystem(async () => {
    pair = await startPair()
    await replicateSynchronously(pair.primary.url)
    const started = await startProxyOf(pair)
    proxy = started
    return { existing: { databaseUrl: started.url }, migrateExisting: true }
  })
  const killPrimary: Fault = {
    name: 'SIGKILL for the Postgres primary behind HAProxy, synchronous',
    async inject() {
      await pair.primary.kill()
      return { recovered: promotePostgres(pair.standby.url) }
    },
  }

  test('the counts stay exact when the primary is killed and its synchronous standby is promoted', () =>
    surviveFailover(testSystem(), killPrimary, { draw }))
})

describe('with two hosts in the URL', () => {
  let pair: PostgresPair
  afterAll(() => pair.remove())
  const testSystem = withSystem(async () => {
    pair = await startPair()
    await replicateSynchronously(pair.primary.url)
    return { existing: { databaseUrl: pair.urlOfBoth }, migrateExisting: true }
  })
  const muteAndWake: Fault = {
    name: 'SIGSTOP for the Postgres primary, two hosts in the URL, synchronous',
    async inject() {
      const thaw = await freeze(pair.primary.pid)
      async function promoteAndWake(): Promise<void> {
        await promotePostgres(pair.standby.url)
        // It still calls itself the primary.
        thaw()
      }
      return { recovered: promoteAndWake() }
    },
  }

  test('the counts stay exact when the primary falls mute, its standby is promoted, and it wakes up beside it', () =>
    surviveFailover(testSystem(), muteAndWake, { draw }))
})

describe('without synchronous replication', () => {
  let pair: PostgresPair
  afterAll(() => pair.remove())
  const testSystem = withSystem(async () => {
    pair = await startPair()
    return { existing: { databaseUrl: pair.urlOfBoth }, migrateExisting: true }
  })

  test('orders that the promoted standby never got are gone, and the money check names exactly their charges', () =>
    loseLastCommits(testSystem(), pair))
})
