import { appNames } from '@floodgate/dev/system'
import { eventually, freeze } from '@floodgate/testkit'
import { expect } from 'vitest'
import { coat } from '../client/coats.ts'
import type { TestSystem } from '../client/test-system.ts'

const BUYERS = 20

/**
 * Sends SIGTERM to every app while Kafka is unresponsive (SIGSTOP): each process ends in order and in time, and the
 * next ones finish the work in progress. A process exits by itself with code 1 when its time is over.
 */
export async function stopWhileKafkaIsMute(testSystem: TestSystem): Promise<void> {
  const { system, operator, recorder } = testSystem
  const sale = 'stopped'
  await operator.openSale(sale, { items: [coat(BUYERS, 1)], maxActive: BUYERS })
  const buyers = Array.from({ length: BUYERS }, (_, index) => testSystem.buyer(`stopped-${index}`, sale))
  await Promise.all(buyers.map((buyer) => buyer.join()))
  await Promise.all(buyers.map((buyer) => buyer.untilAdmitted()))
  const before = system.deaths().length
  const [kafka] = system.pidsOf('kafka')
  if (kafka === undefined) throw new Error('Kafka is down.')
  const thaw = await freeze(kafka)
  const orders = await Promise.all(buyers.map((buyer) => buyer.order()))
  try {
    const pids = appNames.flatMap((app) => system.pidsOf(app))
    for (const pid of pids) process.kill(pid, 'SIGTERM')
    await eventually(() => expect(system.deaths().length - before).toBe(pids.length))
    for (const { name, exit } of system.deaths().slice(before)) expect(exit, name).toEqual({ code: 0, signal: null })
  } finally {
    thaw()
  }
  await eventually(
    () => {
      for (const { id } of orders) expect(recorder.eventsOf(id).map(({ type }) => type)).toContain('order.confirmed.v1')
    },
    { timeoutMs: 120_000, intervalMs: 100 },
  )
  await system.untilReady()
}
