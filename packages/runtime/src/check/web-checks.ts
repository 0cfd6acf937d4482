import { type ConnectionCheck, type Finding, failed, warned } from './connection-check.ts'
import { failedConnection } from './failed-connection.ts'

interface WebCheck {
  readonly name: string
  readonly setting: string
  readonly url: string
}

/**
 * Returns the check of another app, or of this one, by its public URL. An app that cannot be reached is a warning: apps
 * may start in any order, and a buyers' URL may be unreachable from inside. A response of something else is a failure.
 */
export function appCheck({ name, setting, url }: WebCheck): ConnectionCheck {
  return {
    name,
    setting,
    async run(signal) {
      const response = await fetchOrFinding(new URL('/livez', url), setting, { signal })
      if ('kind' in response) return asWarning(response)
      const body: unknown = await response.json().catch(() => undefined)
      const isApp = response.ok && typeof body === 'object' && body !== null && 'live' in body
      if (isApp) return { kind: 'ok' }
      return failed(
        `no app of Floodgate at this URL: /livez responded with ${response.status}`,
        `Correct ${setting}, or the proxy that it names.`,
      )
    },
  }
}

/**
 * Returns the check of a JWK Set that verifies tokens. A server that cannot be reached is a warning where `mayBeLater`:
 * its keys are fetched again when the first token arrives.
 */
export function keysCheck({ name, setting, url, mayBeLater }: WebCheck & { mayBeLater: boolean }): ConnectionCheck {
  return {
    name,
    setting,
    async run(signal) {
      const response = await fetchOrFinding(new URL(url), setting, { signal })
      if ('kind' in response) return mayBeLater ? asWarning(response) : response
      const body: unknown = await response.json().catch(() => undefined)
      const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : undefined
      if (response.ok && Array.isArray(keys) && keys.length > 0) return { kind: 'ok', detail: `${keys.length} keys` }
      return failed(`no JWK Set at this URL: it responded with ${response.status}`, `Correct ${setting}.`)
    },
  }
}

/**
 * Returns the check of an app's operator route with this app's token. `path` is a route that reads little. The app may
 * start later; a rejected token is a failure.
 */
export function operatorCheck(
  check: WebCheck & { readonly path: string; readonly adminToken: string },
): ConnectionCheck {
  const { name, setting, url, path, adminToken } = check
  return {
    name,
    setting,
    async run(signal) {
      const headers = { authorization: `Bearer ${adminToken}` }
      const response = await fetchOrFinding(new URL(path, url), setting, { signal, headers })
      if ('kind' in response) return asWarning(response)
      await response.body?.cancel()
      if (response.ok) return { kind: 'ok', detail: 'token accepted' }
      if (response.status === 401 || response.status === 403)
        return failed('ADMIN_TOKEN is not the token of that app', 'Give both apps the same ADMIN_TOKEN.')
      if (response.status === 503) return warned('the app cannot serve at the moment', 'Look at its own --check.')
      return failed(`${path} responded with ${response.status}`, `Correct ${setting}, or the proxy that it names.`)
    },
  }
}

async function fetchOrFinding(url: URL, setting: string, init: RequestInit): Promise<Response | Finding> {
  try {
    return await fetch(url, { ...init, redirect: 'manual' })
  } catch (error) {
    return failedConnection(error, setting)
  }
}

/** An app that is not there yet, or not for this network. */
function asWarning(finding: Finding): Finding {
  return finding.kind === 'failed' ? { ...finding, kind: 'warning' } : finding
}
