import { setTimeout as delay } from 'node:timers/promises'
import type { AppName } from '@floodgate/dev/system'
import { expect, test } from 'vitest'
import { tellStories } from '../client/world.ts'
import { createChance } from './chance.ts'

const RATE = 20
/** As often as twenty times in five minutes. */
const RESTARTS = 6
const APART_MS = 15_000
const APPS: readonly AppName[] = ['waiting-room', 'order-core', 'payment-worker', 'notifier']
/** The longest part of the admissions that the restarts may cost. */
const COST_MAX = 0.25

const world = tellStories({ environment: { 'waiting-room': { RECOVERY_SECONDS: '30' } } })
const draw = createChance()

test('SIGKILLs of Redis that lose nothing cost less than a quarter of the admissions, with kills of apps between them', async () => {
  const { operator, system } = world()
  const sale = 'restarted'
  const seconds = (RESTARTS * APART_MS) / 1_000
  await operator.openSale(sale, {
    admitPerSecond: RATE,
    maxActive: 100_000,
    admissionTtlSeconds: 3_600,
    claimSeconds: 0,
  })
  await operator.act(sale, 'pause')
  const buyers = Array.from({ length: RATE * (seconds + 10) }, (_, index) => world().buyer(`patient-${index}`, sale))
  for (let from = 0; from < buyers.length; from += 50)
    await Promise.all(buyers.slice(from, from + 50).map((buyer) => buyer.join()))
  const visits = buyers.map((buyer) => buyer.untilAdmitted())
  await operator.act(sale, 'resume')

  const beganAt = Date.now()
  for (let restart = 1; restart <= RESTARTS; restart += 1) {
    const endsAt = beganAt + restart * APART_MS
    const app = APPS[Math.floor(draw() * APPS.length)] ?? 'waiting-room'
    await delay(draw() * 0.6 * APART_MS)
    await system.kill(app, { replica: Math.floor(draw() * system.urlsOf(app).length) })
    await delay(Math.max(0, endsAt - Date.now() - draw() * 0.3 * APART_MS))
    await system.crashServer('redis')
    process.stderr.write(`restart ${restart}, after a kill of ${app}\n`)
    await delay(Math.max(0, endsAt - Date.now()))
  }
  const endedAt = Date.now()
  await Promise.all(visits)
  const times = (await operator.log(sale)).filter(({ kind }) => kind === 'admitted').map(({ at }) => Date.parse(at))
  const admitted = times.filter((at) => at >= beganAt && at < endedAt)
  process.stderr.write(`${admitted.length} admissions in ${(endedAt - beganAt) / 1_000} s at ${RATE}/s\n`)
  expect(admitted.length).toBeGreaterThan(((1 - COST_MAX) * RATE * (endedAt - beganAt)) / 1_000)
  expect(times).toHaveLength(buyers.length)
})
