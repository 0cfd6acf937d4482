import { setTimeout as delay } from 'node:timers/promises'
import type { AppName } from '@floodgate/dev/system'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { createChance } from './chance.ts'

const RATE = 20
/** At the rate of twenty in five minutes. */
const RESTARTS = 6
const APART_MS = 15_000
const APPS: readonly AppName[] = ['waiting-room', 'order-core', 'payment-worker', 'notifier']
/**
 * From a kill of an app to the restart of Redis. Other processes wait for a dead one for twice the longest lease (3.5
 * s): until the lease ends, and as long again if they saw it alive. A restart in that time costs the full recovery.
 */
const LEASED_MS = 8_000
/** The full recovery, and less than half of it, the maximum here: no restart took the full one. */
const RECOVERY_SECONDS = 30
const PAUSE_MS_MAX = (RECOVERY_SECONDS * 1_000) / 2

const testSystem = withSystem({ environment: { 'waiting-room': { RECOVERY_SECONDS: String(RECOVERY_SECONDS) } } })
const draw = createChance()

/**
 * Writes every change to the kernel before its reply: with `everysec` a slow disk delays it, and a SIGKILL loses it.
 */
async function writeAtOnce(url: string): Promise<void> {
  const redis = new Redis(url)
  await redis.config('SET', 'appendfsync', 'no')
  redis.disconnect()
}

test('a SIGKILL of Redis that loses nothing never costs the full recovery, even with kills of apps in between', async () => {
  const { operator, system } = testSystem()
  const sale = 'restarted'
  const seconds = (RESTARTS * APART_MS) / 1_000
  await operator.openSale(sale, {
    admitPerSecond: RATE,
    maxActive: 100_000,
    admissionTtlSeconds: 3_600,
    claimSeconds: 0,
  })
  await operator.act(sale, 'pause')
  const buyers = Array.from({ length: RATE * (seconds + 10) }, (_, index) =>
    testSystem().buyer(`patient-${index}`, sale),
  )
  for (let from = 0; from < buyers.length; from += 50)
    await Promise.all(buyers.slice(from, from + 50).map((buyer) => buyer.join()))
  const visits = buyers.map((buyer) => buyer.untilAdmitted())
  await writeAtOnce(system.redisUrl)
  await operator.act(sale, 'resume')

  const beganAt = Date.now()
  for (let restart = 1; restart <= RESTARTS; restart += 1) {
    const endsAt = beganAt + restart * APART_MS
    const app = APPS[Math.floor(draw() * APPS.length)] ?? 'waiting-room'
    const restartsAt = endsAt - draw() * 0.3 * APART_MS
    await delay(draw() * Math.max(0, restartsAt - LEASED_MS - Date.now()))
    await system.kill(app, { replica: Math.floor(draw() * system.urlsOf(app).length) })
    await delay(Math.max(0, restartsAt - Date.now()))
    await system.crashServer('redis')
    await writeAtOnce(system.redisUrl)
    process.stderr.write(`restart ${restart}, after a kill of ${app}\n`)
    await delay(Math.max(0, endsAt - Date.now()))
  }
  const endedAt = Date.now()
  await Promise.all(visits)
  const times = (await operator.log(sale)).filter(({ kind }) => kind === 'admitted').map(({ at }) => Date.parse(at))
  const admitted = times.filter((at) => at >= beganAt && at < endedAt).length
  process.stderr.write(`${admitted} admissions in ${(endedAt - beganAt) / 1_000} s at ${RATE}/s\n`)
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? at))
  expect(Math.max(...pauses)).toBeLessThan(PAUSE_MS_MAX)
  expect(times).toHaveLength(buyers.length)
})
