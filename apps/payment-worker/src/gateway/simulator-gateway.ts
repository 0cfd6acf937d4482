import { z } from 'zod'
import { createCallJson, type JsonCall, type JsonResponse } from './http-json.ts'
import type { ChargeOutcome, PaymentGateway, RefundOutcome } from './payment-gateway.ts'
import { createResilience, ProviderFailure, type ResilienceOptions, unavailableOf } from './resilience.ts'

const chargeResponse = z.discriminatedUnion('status', [
  z.object({ status: z.literal('approved'), id: z.string() }),
  z.object({ status: z.literal('declined'), id: z.string(), reason: z.string().default('declined') }),
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

const outcomeOf = ({ body }: JsonResponse): Exclude<ChargeOutcome, { kind: 'unavailable' }> => {
  const parsed = chargeResponse.safeParse(body)
  if (!parsed.success) throw new ProviderFailure('unknown charge in the response')
  if (parsed.data.status === 'approved') return { kind: 'approved', chargeId: parsed.data.id }
  if (parsed.data.status === 'declined') return { kind: 'declined', reason: parsed.data.reason.slice(0, 200) }
  return { kind: 'key-closed' }
}

/** Some 250,000 charges. */
const LIST_BYTES_MAX = 64 * 1024 * 1024

const problemBody = z.object({ detail: z.string() })

const detailOf = ({ status, body }: JsonResponse): string => {
  const problem = problemBody.safeParse(body)
  return (problem.success ? problem.data.detail : `the provider responded with ${status}`).slice(0, 200)
}

/** Implements the HTTP protocol of the payment simulator, behind time-out, retry and circuit breaker. */
export function createSimulatorGateway(options: { url: string; resilience: ResilienceOptions }): PaymentGateway {
  const resilience = createResilience(options.resilience)

  const callJson = createCallJson()

  /** Resolves to a response that a repetition would not change. */
  const request = async (path: string, call: JsonCall): Promise<JsonResponse> => {
    const response = await callJson(new URL(path, options.url), call)
    if (response.status >= 500 || response.status === 429)
      throw new ProviderFailure(`the provider responded with ${response.status}`)
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

  const lookUp: PaymentGateway['lookUp'] = async (key, signal) => {
    try {
      const response = await resilience.run(get(chargePath(key)), signal)
      if (response.status === 404) return { kind: 'nothing-charged' }
      const outcome = outcomeOf(response)
      return outcome.kind === 'key-closed' ? { kind: 'nothing-charged' } : outcome
    } catch (error) {
      return { ...unavailableOf(error), unknown: true }
    }
  }

  return {
    async charge({ key, ...body }, signal) {
      try {
        const response = await resilience.run(post('/charges', key, body), signal)
        // A rejection of the request itself, not of the card, is no decline: the charge stays open, and is retried.
        if (response.status >= 400 && response.status !== 410)
          return { kind: 'unavailable', unknown: true, detail: detailOf(response) }
        return outcomeOf(response)
      } catch (error) {
        return unavailableOf(error)
      }
    },
    lookUp,
    async close(key, signal) {
      try {
        return outcomeOf(await resilience.run(post(`${chargePath(key)}/close`, undefined, {}), signal))
      } catch (error) {
        return { ...unavailableOf(error), unknown: true }
      }
    },
    async refund({ key, chargeId, amountMinor }, signal): Promise<RefundOutcome> {
      try {
        const response = await resilience.run(post(`${chargePath(chargeId)}/refunds`, key, { amountMinor }), signal)
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
    async probe(signal) {
      await lookUp('probe', signal)
    },
    breakerState: resilience.state,
    onBreakerChange: resilience.onChange,
  }
}
