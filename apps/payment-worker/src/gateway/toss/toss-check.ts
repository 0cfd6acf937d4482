import { type ConnectionCheck, type Finding, failed } from '@floodgate/runtime'
import { createCallJson, type JsonResponse } from '../http-json.ts'
import { tossAuthorization, tossFailureOf } from './toss-client.ts'

const PATH = '/v1/payments/orders/floodgate-check'
const NOT_FOUND = 404

/** Returns the check of Toss Payments: looks up the payment of an order that does not exist. */
export function tossCheck({
  tossUrl,
  tossSecretKey,
}: {
  tossUrl: string
  tossSecretKey?: string | undefined
}): ConnectionCheck {
  return {
    name: 'payment provider',
    setting: 'TOSS_SECRET_KEY',
    async run(signal) {
      const headers = tossAuthorization(tossSecretKey ?? '')
      return findingOf(await createCallJson()(new URL(PATH, tossUrl), { method: 'GET', headers, signal }))
    },
  }
}

function findingOf(response: JsonResponse): Finding {
  const code = tossFailureOf(response)?.code
  if (response.status === NOT_FOUND && code !== undefined) return { kind: 'ok', detail: 'secret key accepted' }
  if (code === 'UNAUTHORIZED_KEY' || code === 'INVALID_API_KEY' || code === 'FORBIDDEN_REQUEST')
    return failed(`Toss Payments rejected the secret key (${code})`, 'Correct TOSS_SECRET_KEY.')
  if (code !== undefined) return failed(`Toss Payments responded with ${code}`, 'Look at the status of Toss Payments.')
  return failed(`no Toss Payments at this URL: it responded with ${response.status}`, 'Correct TOSS_URL.')
}
