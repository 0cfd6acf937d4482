import { z } from 'zod'
import { createCallJson, type JsonCall, type JsonResponse } from './http-json.ts'
import type { Approved, Attempt, Declined, KeyClosed, NeedsBuyer, PaymentGateway } from './payment-gateway.ts'
import { createResilience, ProviderBusy, ProviderFailure, type ResilienceOptions, unavailableOf } from './resilience.ts'
import { returnUrlOf } from './return-url.ts'
import { takenAtOnce } from './taken-at-once.ts'

const chargeResponse = z.discriminatedUnion('status', [
  z.object({ status: z.literal('approved'), id: z.string() }),
  z.object({ status: z.literal('declined'), id: z.string(), reason: z.string().default('declined') }),
  z.object({ status: z.literal('needs-buyer'), id: z.string(), redirectUrl: z.url({ protocol: /^https?$/ }) }),
  z.object({ status: z.literal('closed') }),
])
const chargeList = z.object({
  charges: z.array(
    z.object({
      id: z.string(),
      orderId: z.string(),
      status: z.string(),
      amountMinor: z.number(),
      currency: z.string(),
      refundedMinor: z.number(),
      at: z.string(),
    }),
  ),
})
const refundResponse = z.object({ id: z.string() })

function outcomeOf({ body }: JsonResponse): Approved | Declined | NeedsBuyer | KeyClosed {
  const parsed = chargeResponse.safeParse(body)
  if (!parsed.success) throw new ProviderFailure('unknown charge in the response')
  const { data } = parsed
  switch (data.status) {
    case 'approved':
      return { kind: 'approved', chargeId: data.id }
    case 'declined':
      return { kind: 'declined', reason: data.reason.slice(0, 200) }
    case 'needs-buyer':
      return { kind: 'needs-buyer', reference: data.id, redirectUrl: data.redirectUrl }
    case 'closed':
      return { kind: 'key-closed' }
  }
}

/** Some 250,000 charges. */
const LIST_BYTES_MAX = 64 * 1024 * 1024

const problemBody = z.object({ detail: z.string() })

const detailOf = ({ status, body }: JsonResponse): string => {
  const problem = problemBody.safeParse(body)
  return (problem.success ? problem.data.detail : `the provider responded with ${status}`).slice(0, 200)
}

export interface SimulatorGatewayOptions {
  readonly url: string
  /** Where the buyer returns to, see `returnUrlOf`. */
  readonly returnUrl: string
  readonly resilience: ResilienceOptions
}

/** Implements the HTTP protocol of the payment simulator, behind time-out, retry and circuit breaker. */
export function createSimulatorGateway(options: SimulatorGatewayOptions): PaymentGateway {
  const resilience = createResilience(options.resilience)

  const callJson = createCallJson()

  /** Resolves to a response that a repetition would not change. */
  const request = async (path: string, call: JsonCall): Promise<JsonResponse> => {
    const response = await callJson(new URL(path, options.url), call)
    if (response.status === 429) throw new ProviderBusy(response.retryAfter)
    if (response.status >= 500) throw new ProviderFailure(`the provider responded with ${response.status}`)
    return response
  }
  function post(path: string, key: string | undefined, body: object) {
    return function sendPost(signal: AbortSignal): Promise<JsonResponse> {
      return request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
        body: JSON.stringify(body),
        signal,
      })
    }
  }
  function get(path: string) {
    return function sendGet(signal: AbortSignal): Promise<JsonResponse> {
      return request(path, { method: 'GET', signal })
    }
  }
  const listAll = (signal: AbortSignal) =>
    request('/charges', { method: 'GET', signal, responseBytesMax: LIST_BYTES_MAX })
  const chargePath = (reference: string) => `/charges/${encodeURIComponent(reference)}`

  async function lookUp({ key }: Pick<Attempt, 'key'>, signal: AbortSignal) {
    try {
      const response = await resilience.run(get(chargePath(key)), signal)
      if (response.status === 404) return { kind: 'nothing-charged' } as const
      const outcome = outcomeOf(response)
      return outcome.kind === 'key-closed' ? ({ kind: 'nothing-charged' } as const) : outcome
    } catch (error) {
      return { ...unavailableOf(error), unknown: true }
    }
  }

  return {
    async begin(attempt, signal) {
      const { key, orderId, amountMinor, currency, paymentMethod } = attempt
      const returnUrl = returnUrlOf(options.returnUrl, attempt)
      try {
        const body = { orderId, amountMinor, currency, paymentMethod, returnUrl }
        const response = await resilience.run(post('/charges', key, body), signal, 'charge')
        // A rejection of the request itself, not of the card, is no decline: the charge stays open, and is retried.
        if (response.status >= 400 && response.status !== 410)
          return { kind: 'unavailable', unknown: true, detail: detailOf(response) }
        return outcomeOf(response)
      } catch (error) {
        return unavailableOf(error)
      }
    },
    resume: lookUp,
    lookUp,
    async close({ key }, signal) {
      try {
        const closed = await resilience.run(post(`${chargePath(key)}/close`, undefined, {}), signal, 'rest')
        const outcome = outcomeOf(closed)
        if (outcome.kind === 'needs-buyer') throw new ProviderFailure('the closed charge still waits for its buyer')
        return outcome
      } catch (error) {
        return { ...unavailableOf(error), unknown: true }
      }
    },
    capture: takenAtOnce,
    async refund({ key, chargeId, amountMinor }, signal) {
      try {
        const sendRefund = post(`${chargePath(chargeId)}/refunds`, key, { amountMinor })
        const response = await resilience.run(sendRefund, signal, 'rest')
        if (response.status >= 400) return { kind: 'refused', reason: detailOf(response) }
        return { kind: 'refunded', refundId: refundResponse.parse(response.body).id }
      } catch (error) {
        return unavailableOf(error)
      }
    },
    async listCharges(signal) {
      try {
        const { body } = await resilience.run(listAll, signal)
        const listed = chargeList.safeParse(body)
        if (!listed.success) throw new ProviderFailure('unknown list of charges')
        const charges = listed.data.charges.flatMap(({ id, status, at, ...charge }) =>
          status === 'approved' ? [{ chargeId: id, chargedAtMs: Date.parse(at), ...charge }] : [],
        )
        return { kind: 'listed', charges }
      } catch (error) {
        return { ...unavailableOf(error), unknown: false }
      }
    },
    readWebhook: () => ({ kind: 'refused', reason: 'the simulator sends no webhooks' }),
    async probe(signal) {
      await lookUp({ key: 'probe' }, signal)
    },
    breakerState: resilience.state,
    onBreakerChange: resilience.onChange,
  }
}
