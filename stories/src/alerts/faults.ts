import { randomUUID } from 'node:crypto'
import { connectRedis, eventually, freeze } from '@floodgate/testkit'
import { expect } from 'vitest'
import { send } from '../client/http.ts'
import type { AlertFault } from './alert-fault.ts'
import { FAST_LINE, LATE_CONFIRMATIONS, OVERSOLD, STALLED_LINE } from './level-faults.ts'

/** Stops a process with SIGSTOP meanwhile. */
async function whileFrozen(pid: number | undefined, work: () => Promise<void>): Promise<void> {
  if (pid === undefined) throw new Error('No such process runs.')
  const thaw = await freeze(pid)
  try {
    await work()
  } finally {
    thaw()
  }
}

const REDIS: AlertFault = {
  what: 'a Redis that is killed',
  alert: 'FloodgateRedisDown',
  during: ({ system }, untilFiring) => system.crashServer('redis', untilFiring),
}

const POSTGRES: AlertFault = {
  what: 'a Postgres that is killed',
  alert: 'FloodgatePostgresDown',
  during: ({ system }, untilFiring) => system.crashServer('postgres', untilFiring),
}

const WORKER: AlertFault = {
  what: 'a mute payment worker, the only one',
  alert: 'FloodgateAppDown',
  during: ({ system }, untilFiring) => whileFrozen(system.pidsOf('payment-worker')[0], untilFiring),
}

const ROOM: AlertFault = {
  what: 'a mute waiting room, one of two',
  alert: 'FloodgateProcessDown',
  during: ({ system }, untilFiring) => whileFrozen(system.pidsOf('waiting-room')[0], untilFiring),
}

const PROVIDER: AlertFault = {
  what: 'a payment provider that fails',
  alert: 'FloodgateProviderDown',
  async during(testSystem, untilFiring) {
    const { operator, provider } = testSystem
    await operator.openSale('provider-fails')
    const buyer = await testSystem.admitted('of-the-provider', 'provider-fails')
    await provider.behave({ mode: 'fail' })
    const { id } = await buyer.order()
    await untilFiring()
    await provider.behave({ mode: 'ok' })
    await buyer.untilOrderIs(id, 'confirmed')
  },
}

const MAIL: AlertFault = {
  what: 'a mail server that ends every connection',
  alert: 'FloodgateMailServerDown',
  async during(testSystem, untilFiring) {
    const { operator, system, inbox } = testSystem
    async function control(body: object): Promise<void> {
      expect((await send('POST', `${system.urls.mail}/control`, { body })).status).toBe(200)
    }
    await operator.openSale('mail-fails')
    const buyer = await testSystem.admitted('of-the-mail', 'mail-fails')
    // Before a message, over connections that are open already, too.
    await control({ mode: 'refuse', at: 'sender', code: 421 })
    await buyer.order()
    await untilFiring()
    await control({ mode: 'ok' })
    await eventually(async () => expect(await inbox.mailsTo(buyer.email)).toHaveLength(1), { timeoutMs: 60_000 })
  },
}

const LINE: AlertFault = {
  what: 'a line that Redis cannot read',
  alert: 'FloodgateTicksFailing',
  async during({ operator, system }, untilFiring) {
    await operator.openSale('broken-line')
    const redis = await connectRedis(system.redisUrl)
    const line = 'wr:{w:broken-line}:line'
    try {
      await redis.set(line, 'not a line')
      await untilFiring()
      await redis.del(line)
    } finally {
      redis.disconnect()
    }
  },
}

const MONEY: AlertFault = {
  what: 'a charge without an order',
  alert: 'FloodgateMoneyDiffers',
  async during({ system }, untilFiring) {
    const provider = system.urls.paymentSimulator
    const body = { orderId: randomUUID(), amountMinor: 100, currency: 'EUR', paymentMethod: 'sim_ok' }
    const headers = { 'idempotency-key': randomUUID() }
    const charged = await send('POST', `${provider}/charges`, { body, headers })
    await untilFiring()
    const { id } = JSON.parse(charged.text) as { id: string }
    const refunded = await send('POST', `${provider}/charges/${id}/refunds`, { body: {}, headers })
    expect(refunded.status).toBe(201)
  },
}

/** Parts that break at the same time: they do not depend on each other, and each has an alert of its own. */
export const ROUNDS: readonly (readonly AlertFault[])[] = [
  [REDIS],
  [POSTGRES],
  [WORKER, ROOM],
  [LINE, MAIL, MONEY, OVERSOLD, LATE_CONFIRMATIONS],
  [PROVIDER, FAST_LINE, STALLED_LINE],
]
