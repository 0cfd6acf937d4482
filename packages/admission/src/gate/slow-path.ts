import { type Decision, decide, type Facts, isUnknown } from './decide.ts'
import { diagnose, permitsDiagnosis } from './diagnose.ts'
import { judgeHandover } from './handover.ts'
import { createLineUrls } from './line-url.ts'
import { isNavigation } from './navigation.ts'
import type { GateEvent } from './note.ts'
import type { Place } from './origin.ts'
import { createOutage } from './outage.ts'
import type { GateParts } from './parts.ts'
import { judgePass, type Pass, type PassVerdict } from './pass.ts'
import { DIAGNOSIS_HEADER, type GateRequest } from './request.ts'
import { type GateHeader, respond } from './respond.ts'
import type { Extended, Finished, GateResult } from './result.ts'
import { returnUrlOf } from './return-url.ts'
import { clearCookie, storeCookie } from './set-cookie.ts'
import {
  asciiTarget,
  COOKIE_CHECK,
  type ReadTarget,
  readTarget,
  relativeUrl,
  withCookieCheck,
  withRejection,
} from './target.ts'
import { createWaitingRoom } from './waiting-room.ts'

/** The facts of a request that the fast part has found. */
export interface Seen {
  readonly place: Place
  readonly isProtected: boolean
  /** Its target has no parameter of the gate, and it requests no diagnosis. */
  readonly isPlain: boolean
  /** The number of its cookies with the gate's name. */
  readonly cookies: number
  /** Of the cookie; for a plain request, with the slot taken. */
  readonly verdict: PassVerdict
}

export interface SlowPath {
  check(request: GateRequest, seen: Seen): Promise<GateResult>
  extend(pass: Pass, number: number, signal: AbortSignal | undefined): Promise<Extended>
  finish(pass: Pass, signal: AbortSignal | undefined): Promise<Finished>
}

const UNTOUCHED: GateResult = { decision: { kind: 'untouched' }, headers: [] }

/** Creates the part that decides about all requests but plain ones with a valid pass, and calls the waiting room. */
export function createSlowPath(parts: GateParts): SlowPath {
  const { options, queueUrl, issuer, audience, failMode, now, contact, keys, verifier, revocations } = parts
  const { steadyNow, judges, note, cookieRulesFor } = parts
  const { fetch } = contact
  const waitingRoom = createWaitingRoom({ queueUrl, fetch })
  // Served without Redis and Postgres.
  const probeUrl = `${queueUrl}/.well-known/jwks.json`
  const isDown = createOutage(contact, probeUrl, steadyNow)
  const lineUrlOf = createLineUrls(queueUrl, options, note)

  /** Judges the parameter that the waiting room added to the URL. */
  async function judgeHandedOver(value: string, place: Place): Promise<PassVerdict> {
    const rules = { ...judges.rulesFor(place), keys, issuer, origin: place.origin }
    return judges.unlessRevoked(await judgeHandover(verifier, value, rules))
  }

  /** Collects the facts of the request, and decides. */
  async function look(request: GateRequest, url: ReadTarget, seen: Seen) {
    const { place, isProtected, isPlain, cookies } = seen
    const permission = { keys, issuer, audience, sale: place.sale, nowMs: now() }
    const diagnosis = await permitsDiagnosis(request.header(DIAGNOSIS_HEADER), permission)
    const isPage = isNavigation(request)
    const value = isPage && request.method === 'GET' ? url.value : undefined
    const isHandover = value !== undefined && value !== COOKIE_CHECK
    const handed = isHandover ? unlessOlder(await judgeHandedOver(value, place), seen.verdict) : undefined
    const { verdict } = seen
    const facts: Facts = {
      diagnosis,
      isProtected,
      isNavigation: isPage,
      handover: handed === undefined ? (value === undefined ? 'none' : 'cookie-check') : wordOf(handed),
      wasRefused: url.wasRefused && request.method === 'GET',
      keepsCookies: request.header('cookie') !== undefined && !isLost(place),
      pass: wordOf(verdict),
      failMode,
      isDown: failMode === 'open' && isProtected && verdict.kind !== 'valid' && (await isDown()),
    }
    const decision = decide(facts)
    // The slot of a plain request has been taken; one that is redirected places no order.
    if (isPlain || decision.kind !== 'admitted') return { facts, decision, handed, verdict, cookies }
    const taken = await judges.takeSlot(request, verdict)
    const known: Facts = { ...facts, pass: wordOf(taken) }
    return { facts: known, decision: decide(known), handed, verdict: taken, cookies }
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
    check: async (request, seen) => {
      const { place } = seen
      const url = readTarget(asciiTarget(request.target))
      if (!seen.isProtected && url.value === undefined && request.header(DIAGNOSIS_HEADER) === undefined)
        return UNTOUCHED
      const looked = await look(request, url, seen)
      const { decision, facts, handed, verdict, cookies } = looked
      if (decision.kind === 'untouched') return UNTOUCHED
      const reason = 'reason' in decision ? decision.reason : undefined
      const returnUrl = returnUrlOf(request, place.origin, url.clean)
      const isRejection = decision.kind === 'to-line' && reason !== 'missing'
      const lineUrl =
        place.sale === undefined || !LEADS_TO_LINE.has(decision.kind)
          ? undefined
          : await lineUrlOf(request, place.sale, isRejection && returnUrl ? withRejection(returnUrl) : returnUrl)

      if (decision.kind === 'diagnosis') {
        const cookie = { ...cookieRulesFor(place), sent: cookies }
        const listed = place.sale === undefined ? undefined : (await revocations?.())?.seen(place.sale)
        const without = decide({ ...facts, diagnosis: false })
        const more = { failMode, ...place, returnUrl, lineUrl: lineUrl?.split('#')[0], cookie, revocations: listed }
        const own = { facts, decision: without, verdict: handed ?? verdict, keys, probeUrl, now, fetch, more }
        return { decision, response: await diagnose(own), headers: [] }
      }

      note(eventOf(looked, request, place))
      const headers = headersOf(looked, place)
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

    extend: async (pass, number, signal) => {
      const reply = await waitingRoom.extend(pass, number, signal)
      if (reply.kind !== 'extended') return reply
      const verdict = await judgePass(
        verifier,
        reply.admission,
        judges.rulesFor({ origin: undefined, sale: pass.sale }),
      )
      if (verdict.kind === 'rejected')
        return verdict.reason === 'expired' ? { kind: 'rejected', code: 'admission-expired' } : { kind: 'unavailable' }
      if (verdict.pass.slot !== pass.slot) return { kind: 'unavailable' }
      const renewed = { ...verdict.pass, cookie: pass.cookie }
      const cookie = storeCookie(renewed.cookie, renewed.token, renewed.endsAt, now())
      return { kind: 'extended', pass: renewed, headers: [['set-cookie', cookie]] }
    },

    finish: async (pass, signal) => ({
      ...(await waitingRoom.finish(pass, signal)),
      headers: [['set-cookie', clearCookie(pass.cookie)]],
    }),
  }
}

const LEADS_TO_LINE: ReadonlySet<Decision['kind']> = new Set(['to-line', 'problem', 'page', 'diagnosis'])

/** Rejects a handover of a turn that began before the one in the cookie, or of the same turn before it was extended. */
const unlessOlder = (handed: PassVerdict, own: PassVerdict): PassVerdict => {
  if (handed.kind !== 'valid' || own.kind !== 'valid') return handed
  const time = handed.pass.slot === own.pass.slot ? 'expiresAt' : 'issuedAt'
  return handed.pass[time] < own.pass[time] ? { kind: 'rejected', reason: 'handover-older' } : handed
}

const wordOf = (verdict: PassVerdict) => (verdict.kind === 'valid' ? 'valid' : verdict.reason)

/**
 * Tells whether to clear the cookie: a rejected one. An ended one stays for scripts, whose page may still give its slot
 * back, and a used one belongs to an order.
 */
const mustClear = (decision: Decision, verdict: PassVerdict, isPage: boolean): boolean =>
  decision.kind !== 'open' &&
  verdict.kind === 'rejected' &&
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
