import type { GateEvent } from './note.ts'
import type { GateOptions } from './options.ts'
import type { GateRequest } from './request.ts'

/** Returns a function that creates the URL of the line: with the way back, and with the shop's ID token of the buyer. */
export function createLineUrls(queueUrl: string, { identity }: GateOptions, note: (event: GateEvent) => void) {
  async function identityOf(request: GateRequest): Promise<string | undefined> {
    try {
      const token = await identity?.(request)
      if (token === undefined || /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return token
      note({ kind: 'identity-failed', detail: 'not a compact JWS', path: request.path })
    } catch (error) {
      note({ kind: 'identity-failed', detail: String(error), path: request.path })
    }
    return undefined
  }

  return async function lineUrlOf(request: GateRequest, sale: string, returnUrl: string | undefined): Promise<string> {
    const line = `${queueUrl}/sales/${encodeURIComponent(sale)}`
    const url = returnUrl === undefined ? line : `${line}?return=${encodeURIComponent(returnUrl)}`
    const token = await identityOf(request)
    // A fragment never reaches a server or its logs.
    return token === undefined ? url : `${url}#identity=${token}`
  }
}
