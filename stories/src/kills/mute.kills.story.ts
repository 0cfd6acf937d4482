import { afterAll, describe, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { expectExactCounts, startRush } from '../scenarios/rush.ts'
import { type BadNetwork, putNetworkBetween } from './bad-network.ts'
import { createChance } from './chance.ts'
import { surviveSilence } from './stay-mute.ts'
import { watchBuyers } from './watch-buyers.ts'

const SPOILT_MS = 30_000

/** Shorter than the silence. */
const SMTP_TIMEOUT_MS = '8000'

const testSystem = withSystem({ environment: { notifier: { SMTP_TIMEOUT_MS } } })
const draw = createChance()
let network: BadNetwork | undefined
afterAll(() => network?.close())

describe('five hundred buyers on a hundred units', () => {
  test.each(['postgres', 'redis', 'mail', 'payment-simulator'] as const)('while a server is unresponsive: %s', (name) =>
    surviveSilence(testSystem(), name),
  )

  // The last test, since the apps stay behind the network.
  test('through a network that delays, cuts and swallows', async () => {
    network = await putNetworkBetween(testSystem().system)
    const watch = watchBuyers(testSystem())
    const rush = await startRush(testSystem(), 'network', { admitPerSecond: 20 })
    // A failed visit is reported where the visits are awaited.
    rush.visits.catch(() => undefined)
    await network.spoil(draw, AbortSignal.timeout(SPOILT_MS))
    await expectExactCounts(testSystem(), rush)
    process.stderr.write(`${JSON.stringify(watch.figures())}\n`)
    watch.expectServed()
    await testSystem().system.untilReady()
  })
})
