import { type Admission, AdmissionKeysUnavailable, type AdmissionVerifier } from '@floodgate/admission'
import { uuid } from '@floodgate/contracts'
import { cookieValues, parseOrThrow, type SocketRoute } from '@floodgate/http'
import { AppError } from '@floodgate/runtime'
import type { LiveHub } from './live-hub.ts'
import type { OrderState } from './order-state.ts'

/** The cookie that may carry an admission instead of the second subprotocol. */
const admissionCookieName = 'floodgate_admission'

/** A buyer may watch for a day after the admission expired. */
const ACCEPT_EXPIRED_MS = 24 * 60 * 60 * 1_000

export interface LiveSession {
  readonly orderId: string
  readonly admission: Admission
  readonly known: readonly OrderState[]
}

const path = /^\/live\/orders\/([^/]+)$/

/** Maximum number of cookies verified per handshake, at some 0.1 ms each. */
const COOKIES_MAX = 16

/**
 * Returns the admission of the token; without one, of the first cookie that verifies: a sibling host may have planted
 * others of that name. Throws the problem of the last one, or `unavailable` where one could not be judged.
 */
async function admissionIn(
  verifier: AdmissionVerifier,
  { token, cookie }: { readonly token: string | undefined; readonly cookie: string | undefined },
): Promise<Admission> {
  const shown = token === undefined ? cookieValues(cookie, admissionCookieName).slice(0, COOKIES_MAX) : [token]
  let problem = new AppError('admission-missing')
  for (const one of shown) {
    try {
      return await admissionOf(verifier, one)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (problem.code !== 'unavailable') problem = error
    }
  }
  throw problem
}

const admissionOf = async (verifier: AdmissionVerifier, token: string): Promise<Admission> => {
  try {
    const verification = await verifier.verify(token)
    if (verification.kind === 'invalid') throw new AppError('admission-invalid')
    if (verification.kind === 'expired' && Date.now() - verification.admission.expiresAt.getTime() > ACCEPT_EXPIRED_MS)
      throw new AppError('admission-expired')
    return verification.admission
  } catch (cause) {
    if (cause instanceof AdmissionKeysUnavailable) throw new AppError('unavailable', { cause, retryAfterSeconds: 2 })
    throw cause
  }
}

/**
 * Serves `GET /live/orders/{id}`: the order on every change. Waits for an order that is not known here yet, since the
 * buyer may be faster than the bus. Another buyer's order is not found.
 */
export function createLiveRoute(deps: {
  verifier: AdmissionVerifier
  readStates(orderIds: readonly string[]): Promise<OrderState[]>
  hub: LiveHub
  onReadFailed(error: unknown): void
}): SocketRoute<LiveSession> {
  return {
    matches: (pathname) => path.test(pathname),
    authenticate: async ({ url, token, cookie }) => {
      const orderId = parseOrThrow(uuid, path.exec(url.pathname)?.[1]).toLowerCase()
      const admission = await admissionIn(deps.verifier, { token, cookie })
      const known = await deps.readStates([orderId]).catch((cause: unknown) => {
        throw new AppError('unavailable', { cause, retryAfterSeconds: 2 })
      })
      if (known.some((state) => state.buyer !== admission.buyer || state.sale !== admission.sale))
        throw new AppError('not-found')
      return { orderId, admission, known }
    },
    holderOf: ({ admission }) => `${admission.sale} ${admission.buyer}`,
    onOpen: (connection, { orderId, admission, known }) => {
      const { buyer, sale } = admission
      const unwatch = deps.hub.watch({ orderId, buyer, sale, connection })
      deps.hub.deliver(known)
      // Reads once more, now that news arrives: something may have changed since the check.
      deps.readStates([orderId]).then(deps.hub.deliver, deps.onReadFailed)
      return unwatch
    },
  }
}
