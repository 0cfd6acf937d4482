import { migrate, migrationState } from '@floodgate/database'
import { type AppName, repository, type System } from '@floodgate/dev/system'
import { previousReleaseDirectory } from '@floodgate/local-servers'
import { expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { expectNoDeadLetters } from './expect-no-dead-letters.ts'
import { type Step, sellWhile } from './sell-while.ts'

/** The order of docs/deploy/upgrade.md: each app understands what the apps before it send. */
const ORDER: readonly AppName[] = ['notifier', 'order-core', 'payment-worker', 'waiting-room']
const REPLICAS = 2

/** Two processes of every app, so that both releases consume from one bus at the same time. */
const testSystem = withSystem(async () => ({
  release: await previousReleaseDirectory(),
  replicas: { 'waiting-room': REPLICAS, 'order-core': REPLICAS, 'payment-worker': REPLICAS, notifier: REPLICAS },
}))

/** Restarts the processes of the apps with the code of a release, one after the other. */
function restartAll(system: System, apps: readonly AppName[], release: string): Step[] {
  return apps.flatMap((app) =>
    Array.from({ length: REPLICAS }, (_, replica) => ({
      name: `process ${replica + 1} of ${app}`,
      run: () => system.restartApp(app, { replica, release }),
    })),
  )
}

test('a sale goes on, and all counts stay exact, while the schema and then one process after the other is upgraded', async () => {
  const { system } = testSystem()
  const steps: Step[] = [
    { name: 'migrations', run: () => migrate(system.databaseUrl) },
    ...restartAll(system, ORDER, repository),
  ]
  await sellWhile(testSystem(), { sale: 'upgrade', what: 'an upgrade', steps })
  expect((await migrationState(system.databaseUrl)).upToDate).toBe(true)
  expect(system.deaths()).toEqual([])
  await expectNoDeadLetters(system)
})

test('a sale goes on, and all counts stay exact, while one process after the other is rolled back on the new schema', async () => {
  const { system } = testSystem()
  const steps = restartAll(system, ORDER.toReversed(), await previousReleaseDirectory())
  await sellWhile(testSystem(), { sale: 'roll-back', what: 'a roll back', steps })
  expect(system.deaths()).toEqual([])
  await expectNoDeadLetters(system)
})
