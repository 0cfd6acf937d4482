import { type ConnectionCheck, type Finding, failedConnection, warned } from '@floodgate/runtime'
import { request } from 'undici'
import type { WebhookEndpoint } from './endpoints.ts'

const SETTING = 'WEBHOOKS'

/**
 * Returns the check of an endpoint: a `HEAD` of its URL, which any response of a server passes but a redirect. A shop
 * that is down is a warning: its webhooks wait for it.
 */
export function webhookCheck({ name, url }: WebhookEndpoint): ConnectionCheck {
  return {
    name: `webhook endpoint ${name}`,
    setting: SETTING,
    async run(signal) {
      try {
        const { statusCode: status, body } = await request(url, { method: 'HEAD', signal })
        await body.dump()
        if (status < 300 || status >= 400) return { kind: 'ok', detail: `HEAD responds with ${status}` }
        return warned(`it redirects (${status}), and webhooks follow no redirect`, `Correct ${name} in ${SETTING}.`)
      } catch (error) {
        return asWarning(failedConnection(error, SETTING))
      }
    },
  }
}

function asWarning(finding: Finding): Finding {
  return finding.kind === 'failed' ? warned(finding.problem, finding.advice) : finding
}
