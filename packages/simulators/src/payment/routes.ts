import { idempotencyKey, type SimulatedCharge, type SimulatorControl, simulatorControl } from '@floodgate/contracts'
import { type createHttpApp, readJsonBody } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { Context } from 'hono'
import type { BehaviourSwitch } from '../behaviour.ts'
import type { createCalls, WriteLimit } from '../calls.ts'
import { type BookedCharge, type ChargeBook, chargeRequest, refundRequest } from './charge-book.ts'

type HttpApp = ReturnType<typeof createHttpApp>

const requireKey = (c: Context): string => {
  const key = idempotencyKey.safeParse(c.req.header('idempotency-key'))
  if (!key.success) throw new AppError('key-missing')
  return key.data
}

const chargeResponse = (c: Context, charge: BookedCharge) => ({
  id: charge.id,
  status: charge.status,
  ...(charge.status === 'needs-buyer' ? { redirectUrl: new URL(`/bank/${charge.id}`, c.req.url).href } : {}),
  ...(charge.reason === undefined ? {} : { reason: charge.reason }),
})

const replayedHeader = (replayed: boolean): Record<string, string> =>
  replayed ? { 'idempotent-replayed': 'true' } : {}

/** Mounts the provider's own protocol, which the payment worker uses. */
export function mountProvider(app: HttpApp, book: ChargeBook, calls: ReturnType<typeof createCalls>): void {
  app.post('/charges', async (c) => {
    const key = requireKey(c)
    const request = await readJsonBody(c, chargeRequest)
    const result = await calls.act(
      key,
      () => c.req.raw.signal,
      (mode) => book.charge(key, request, mode === 'decline'),
    )
    if (result.kind === 'other-body') throw new AppError('key-reused')
    if (result.kind === 'full') throw new AppError('busy', { detail: 'The simulator keeps no more charges.' })
    if (result.kind === 'closed') return c.json({ status: 'closed' }, 410)
    return c.json(chargeResponse(c, result.charge), result.replayed ? 200 : 201, replayedHeader(result.replayed))
  })

  app.get('/charges/:reference', async (c) => {
    const reference = c.req.param('reference')
    await calls.look(reference)
    const charge = book.find(reference)
    if (charge === undefined) throw new AppError('not-found', { detail: 'Nothing was charged under this key.' })
    if (book.isClosed(charge.idempotencyKey)) return c.json({ status: 'closed' })
    return c.json(chargeResponse(c, charge))
  })

  app.post('/charges/:key/close', async (c) => {
    await readJsonBody(c, refundRequest.pick({}), { optional: true })
    const key = c.req.param('key')
    await calls.look(key)
    const charge = book.close(key)
    return c.json(charge === undefined ? { status: 'closed' } : chargeResponse(c, charge))
  })

  app.post('/charges/:id/refunds', async (c) => {
    const key = requireKey(c)
    const { amountMinor } = await readJsonBody(c, refundRequest, { optional: true })
    const chargeId = c.req.param('id')
    const result = await calls.act(
      key,
      () => c.req.raw.signal,
      () => book.refund(key, chargeId, amountMinor),
    )
    if (result.kind === 'other-body') throw new AppError('key-reused')
    if (result.kind === 'unknown-charge') throw new AppError('not-found', { detail: 'There is no approved charge.' })
    if (result.kind === 'too-much') throw new AppError('wrong-state', { detail: 'The refund would exceed the charge.' })
    const { id, amountMinor: refundedMinor } = result.refund
    return c.json(
      { id, status: 'refunded', refundedMinor },
      result.replayed ? 200 : 201,
      replayedHeader(result.replayed),
    )
  })
}

/**
 * Mounts the routes that tests and operators of a development system use; no provider has them. `charges` returns those
 * of every protocol.
 */
export function mountControl(
  app: HttpApp,
  charges: () => readonly SimulatedCharge[],
  behaviour: BehaviourSwitch<SimulatorControl['mode'], WriteLimit>,
): void {
  app.get('/control', (c) => c.json(behaviour.current()))
  app.post('/control', async (c) => {
    const { writesPerSecond, ...control } = await readJsonBody(c, simulatorControl)
    behaviour.set({ ...control, detail: { writesPerSecond } })
    return c.json(behaviour.current())
  })
  app.get('/charges', (c) => c.json({ charges: charges() }))
}
