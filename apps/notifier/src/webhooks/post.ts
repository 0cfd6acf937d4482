import { failedConnection } from '@floodgate/runtime'
import { request } from 'undici'

/** More of a response is not read: nothing in it counts. */
const RESPONSE_BYTES_MAX = 64 * 1024

export type Posted =
  | { readonly kind: 'response'; readonly status: number }
  /** No response came: `detail` says why, in words. */
  | { readonly kind: 'failed'; readonly detail: string }

export interface PostRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Ends the request, its response included. */
  readonly signal: AbortSignal
}

/** Posts JSON and returns the status of the response. Never throws, follows no redirect, and reads a bounded response. */
export async function post(url: string, { headers, body, signal }: PostRequest): Promise<Posted> {
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Floodgate', ...headers },
      ...{ body, signal },
    })
    // The status counts, whatever becomes of the rest. A short body is read, so that its connection is used again.
    await response.body.dump({ limit: RESPONSE_BYTES_MAX, signal }).catch(() => undefined)
    return { kind: 'response', status: response.statusCode }
  } catch (error) {
    return { kind: 'failed', detail: signal.aborted ? 'no response in time' : wordsOf(error) }
  }
}

function wordsOf(error: unknown): string {
  const finding = failedConnection(error, 'WEBHOOKS')
  return finding.kind === 'failed' ? finding.problem : 'no connection'
}
