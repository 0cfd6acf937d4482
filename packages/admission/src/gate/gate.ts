import { createKeySource } from '../keys.ts'
import { createVerifierWith } from '../verifier.ts'
import { clearCookie, storeCookie } from './cookie.ts'
import { createCookieRules } from './cookie-rules.ts'
import { type Decision, decide, type Facts, isUnknown } from './decide.ts'
import { DIAGNOSIS_HEADER, diagnose, permitsDiagnosis } from './diagnose.ts'
import { createJudges } from './judges.ts'
import { createLineUrls } from './line-url.ts'
import { createNotes, type GateEvent, type GateMetric } from './note.ts'
import { checkOptions, type GateOptions } from './options.ts'
import { originOf, type Place, returnUrlOf } from './origin.ts'
import type { Pass, PassVerdict } from './pass.ts'
import {
  asciiTarget,
  COOKIE_CHECK,
  type GateRequest,
  isNavigation,
  type ReadTarget,
  readTarget,
  relativeUrl,
  withCookieCheck,
  withRefusal,
} from './request.ts'
import { type GateHeader, type GateResponse, respond } from './respond.ts'
import { createRevocations } from './revocations.ts'
import { createWaitingRoom } from './waiting-room.ts'

export interface GateAnswer {
  readonly decision: Decision
  /** The verified pass of an admitted buyer. */
  readonly pass?: Pass
  /** What to send instead of the shop's own response. */
  readonly response?: GateResponse
  /** What to add to the shop's own response. */
  readonly headers: readonly GateHeader[]
  /** The origin that the buyer's browser sees, as far as the gate can tell. */
  readonly origin?: string
}

export type Extended =
  /** `headers` renew the cookie. */
  | { readonly kind: 'extended'; readonly pass: Pass; readonly headers: readonly GateHeader[] }
  /** Such as `extensions-used`, `extensions-off`, `no-turn`, `turn-has-order`. */
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unavailable' }

/** `headers` clear the cookie. */
export type Finished = { readonly headers: readonly GateHeader[] } & (
  | { readonly kind: 'finished' }
  | { readonly kind: 'refused'; readonly code: string }
  /** No attempt was confirmed. The slot returns at its deadline, or by another call. */
  | { readonly kind: 'unavailable' }
)

export interface Gate {
  /** Decides about a request. Tokens, cookies and URLs of any content get a decision; it does not throw for them. */
  check(request: GateRequest): Promise<GateAnswer>
  /** Reads the pass of a request, protected or not. `sale` where the options name it by request. */
  passOf(request: GateRequest, of?: { readonly sale?: string }): Promise<PassVerdict>
  /**
   * Asks the waiting room for the `number`-th extension of the turn, 1 for the first. Repeating a number changes nothing.
   */
  extend(pass: Pass, number: number, options?: { readonly signal?: AbortSignal }): Promise<Extended>
  /**
   * Gives the slot back, also that of a pass which ended within the last 24 h. Three attempts within 10 s; repeating it
   * changes nothing. From then on this process refuses the pass as `revoked`.
   */
  finish(pass: Pass, options?: { readonly signal?: AbortSignal }): Promise<Finished>
  /** Counts decisions by kind and reason. */
  metrics(): readonly GateMetric[]
}

const UNTOUCHED: GateAnswer = { decision: { kind: 'untouched' }, headers: [] }
/** How long the failure to fetch the first keys counts: a request never waits for each of many. */
const KEYS_FAILURE_MS = 1_000
const STALE_KEYS_SECONDS = 3_600

/** Creates the gate of a shop. Throws `GateOptionsError` with all that is wrong with the options. */
export function createGate(options: GateOptions): Gate {
  checkOptions(options)
  const { issuer = 'floodgate', audience = 'order-core', failMode = 'closed', now = Date.now } = options
  const queueUrl = new URL(options.queueUrl).origin
  const jwksUrl = options.jwksUrl ?? `${queueUrl}/.well-known/jwks.json`
  const waitingRoom = createWaitingRoom({ queueUrl, probeUrl: jwksUrl, now, fetch: options.fetch })
  const { fetch } = waitingRoom
  const keys = createKeySource(options.jwks === undefined ? { jwksUrl } : { jwks: options.jwks }, now, {
    staleSeconds: options.staleKeysSeconds ?? STALE_KEYS_SECONDS,
    failureMs: KEYS_FAILURE_MS,
    fetch,
  })
  const { clockToleranceSeconds = 0 } = options
  const verifier = createVerifierWith(keys, { issuer, audience, clockToleranceSeconds, now })
  const revocations = options.revocations ? createRevocations({ queueUrl, now, fetch }) : undefined
  const { note, metrics } = createNotes(options.onEvent)
  const cookieRulesFor = createCookieRules(options)
  const judges = createJudges({ options, issuer, now, keys, verifier, revocations, cookieRulesFor })
  const lineUrlOf = createLineUrls(queueUrl, options, note)

  function saleOf(request: GateRequest): string | undefined {
    return typeof options.sale === 'function' ? options.sale(request) : options.sale
  }

  /** Judges everything that the request shows, and decides. */
  async function look(request: GateRequest, url: ReadTarget, place: Place, isProtected: boolean) {
    const permission = { keys, issuer, audience, sale: place.sale, nowMs: now() }
    const diagnosis = await permitsDiagnosis(request.header(DIAGNOSIS_HEADER), permission)
    const isPage = isNavigation(request)
    const value = isPage && request.method === 'GET' ? url.value : undefined
    const isHandover = value !== undefined && value !== COOKIE_CHECK
    const handed = isHandover ? await judges.judgeHandedOver(value, place) : undefined
    const { cookies, verdict: ofCookie } = await judges.judgeCookie(request, place)
    const mayOrder = isProtected && value === undefined && !diagnosis
    const verdict = mayOrder ? await judges.takeSlot(request, ofCookie) : ofCookie
    const facts: Facts = {
      diagnosis,
      isProtected,
      isNavigation: isPage,
      handover: handed === undefined ? (value === undefined ? 'none' : 'cookie-check') : wordOf(handed),
      wasRefused: url.wasRefused && request.method === 'GET',
      keepsCookies: request.header('cookie') !== undefined && !isLost(place),
      pass: wordOf(verdict),
      failMode,
      isDown: failMode === 'open' && isProtected && verdict.kind !== 'valid' && (await waitingRoom.isDown()),
    }
    return { facts, decision: decide(facts), handed, verdict, cookies }
  }

  /** Browsers do not keep a `Secure` cookie that came over plain http. */
  function isLost(place: Place): boolean {
    return cookieRulesFor(place).secure && place.origin?.startsWith('http:') === true
  }

  function headersOf({ decision, facts, handed, verdict, cookies }: Awaited<ReturnType<typeof look>>, place: Place) {
    const headers: GateHeader[] = []
    if (decision.kind === 'to-clean' && decision.store && handed?.kind === 'valid')
      headers.push(['set-cookie', storeCookie(handed.pass.cookie, handed.pass.token, handed.pass.endsAt, now())])
    else if (cookies > 0 && mustClear(decision, verdict, facts.isNavigation))
      headers.push(['set-cookie', clearCookie(cookieRulesFor(place))])
    if ('reason' in decision && isUnknown(decision.reason))
      headers.push(['floodgate-gate', `${decision.kind === 'open' ? 'open' : 'closed'}; ${decision.reason}`])
    return headers
  }

  return {
    check: async (request) => {
      if (request.method === 'HEAD' || request.method === 'OPTIONS') return UNTOUCHED
      const sale = (options.protect?.(request) ?? true) ? saleOf(request) : undefined
      const url = readTarget(asciiTarget(request.target))
      if (sale === undefined && url.value === undefined && request.header(DIAGNOSIS_HEADER) === undefined)
        return UNTOUCHED

      const place = { origin: originOf(request, options), sale: sale ?? saleOf(request) }
      const seen = await look(request, url, place, sale !== undefined)
      const { decision, facts, handed, verdict, cookies } = seen
      if (decision.kind === 'untouched') return UNTOUCHED
      const reason = 'reason' in decision ? decision.reason : undefined
      const returnUrl = returnUrlOf(request, place.origin, url.clean)
      const isRefusal = decision.kind === 'to-line' && reason !== 'missing'
      const lineUrl =
        place.sale === undefined || !LEADS_TO_LINE.has(decision.kind)
          ? undefined
          : await lineUrlOf(request, place.sale, isRefusal && returnUrl ? withRefusal(returnUrl) : returnUrl)

      if (decision.kind === 'diagnosis') {
        const cookie = { ...cookieRulesFor(place), sent: cookies }
        const listed = place.sale === undefined ? undefined : revocations?.seen(place.sale)
        const without = decide({ ...facts, diagnosis: false })
        const more = { failMode, ...place, returnUrl, lineUrl, cookie, revocations: listed }
        const own = { facts, decision: without, verdict: handed ?? verdict, keys, probeUrl: jwksUrl, now, fetch, more }
        return { decision, response: await diagnose(own), headers: [] }
      }

      note(eventOf(seen, request, place))
      const headers = headersOf(seen, place)
      const cleanUrl = relativeUrl(url.clean)
      const response = respond(decision, {
        ...{ lineUrl, cleanUrl, checkUrl: withCookieCheck(cleanUrl), page: options.page },
        traceparent: request.header('traceparent'),
      })
      return {
        decision,
        headers,
        ...(verdict.kind === 'valid' && decision.kind === 'admitted' && { pass: verdict.pass }),
        ...(response !== undefined && { response: { ...response, headers: [...response.headers, ...headers] } }),
        ...(place.origin !== undefined && { origin: place.origin }),
      }
    },

    passOf: async (request, of = {}) => {
      const place = { origin: originOf(request, options), sale: of.sale ?? saleOf(request) }
      return (await judges.judgeCookie(request, place)).verdict
    },

    extend: async (pass, number, { signal } = {}) => {
      const reply = await waitingRoom.extend(pass, number, signal)
      if (reply.kind !== 'extended') return reply
      const verdict = await judges.judgeAdmissionOf(reply.admission, pass.sale)
      if (verdict.kind === 'refused')
        return verdict.reason === 'expired' ? { kind: 'refused', code: 'admission-expired' } : { kind: 'unavailable' }
      if (verdict.pass.slot !== pass.slot) return { kind: 'unavailable' }
      const renewed = { ...verdict.pass, cookie: pass.cookie }
      const cookie = storeCookie(renewed.cookie, renewed.token, renewed.endsAt, now())
      return { kind: 'extended', pass: renewed, headers: [['set-cookie', cookie]] }
    },

    finish: async (pass, { signal } = {}) => {
      judges.noteFinished(pass.slot, pass.expiresAt)
      return { ...(await waitingRoom.finish(pass, signal)), headers: [['set-cookie', clearCookie(pass.cookie)]] }
    },

    metrics,
  }
}

const LEADS_TO_LINE: ReadonlySet<Decision['kind']> = new Set(['to-line', 'problem', 'page', 'diagnosis'])

const wordOf = (verdict: PassVerdict) => (verdict.kind === 'valid' ? 'valid' : verdict.reason)

/**
 * A cookie that does not count goes. One that has ended stays for scripts, whose page may still give its slot back, and
 * one that was used belongs to an order.
 */
const mustClear = (decision: Decision, verdict: PassVerdict, isPage: boolean): boolean =>
  decision.kind !== 'open' &&
  verdict.kind === 'refused' &&
  !isUnknown(verdict.reason) &&
  verdict.reason !== 'used' &&
  (verdict.reason !== 'expired' || isPage)

const eventOf = (
  { decision, handed, verdict }: { decision: Decision; handed: PassVerdict | undefined; verdict: PassVerdict },
  { path }: GateRequest,
  { sale }: Place,
): GateEvent => {
  const shown = handed ?? verdict
  return {
    kind: decision.kind,
    path,
    ...('reason' in decision && { reason: decision.reason }),
    ...('detail' in shown && shown.detail !== undefined && { detail: shown.detail }),
    ...('pass' in shown && { slot: shown.pass.slot }),
    ...(sale !== undefined && { sale }),
  }
}
