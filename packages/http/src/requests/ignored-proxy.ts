import type { Logger } from '@floodgate/runtime'
import { Counter, type Registry } from 'prom-client'

/**
 * Counts requests with a proxy's header while `TRUSTED_HOPS` is 0, and warns once. Behind a proxy every client then
 * counts as the proxy's address, so that all buyers share the limits of a single client.
 */
export function createIgnoredProxyWarning({
  log,
  metrics,
}: {
  log: Pick<Logger, 'warn'>
  metrics: Registry
}): () => void {
  let isWarned = false
  const ignored = new Counter({
    name: 'floodgate_forwarded_ignored_total',
    help: 'Requests with X-Forwarded-For or Forwarded while TRUSTED_HOPS is 0, among those that count against a limit per address',
    registers: [metrics],
  })
  return function noteIgnoredProxy() {
    ignored.inc()
    if (isWarned) return
    isWarned = true
    log.warn({ trustedHops: 0 }, 'forwarded address ignored: behind a proxy set TRUSTED_HOPS')
  }
}
