import { type ConnectionCheck, type Finding, failed } from '@floodgate/runtime'
import { createCallJson } from './http-json.ts'

const SETTING = 'GATEWAY_URL'

/** Returns the check of the payment provider: looks up a charge that does not exist. */
export function providerCheck(gatewayUrl: string): ConnectionCheck {
  return {
    name: 'payment provider',
    setting: SETTING,
    async run(signal) {
      const url = new URL('/charges/floodgate-check', gatewayUrl)
      return findingOf(await createCallJson()(url, { method: 'GET', signal }))
    },
  }
}

function findingOf({ status, body }: { readonly status: number; readonly body: unknown }): Finding {
  if (status === 401 || status === 403)
    return failed('the provider rejected the user or password', `Correct the credentials in ${SETTING}.`)
  if (status >= 500 || status === 429)
    return failed(`it responded with ${status}`, 'Look at the status of the provider.')
  if ((status === 404 || status === 200) && body !== undefined) return { kind: 'ok' }
  return failed(`no payment provider at this URL: it responded with ${status}`, `Correct ${SETTING}.`)
}
