import { createKeySource } from '../keys.ts'
import { createSteadyClock } from '../steady-clock.ts'
import { createVerifierWith } from '../verifier.ts'
import { createContact } from './contact.ts'
import { createCookieRules } from './cookie-rules.ts'
import { createJudges } from './judges.ts'
import { createNotes, type GateMetric } from './note.ts'
import { checkOptions, type GateOptions } from './options.ts'
import { originOf } from './origin.ts'
import type { GateParts } from './parts.ts'
import type { Pass, PassVerdict } from './pass.ts'
import { DIAGNOSIS_HEADER, type GateRequest, PARAMETER } from './request.ts'
import type { Extended, Finished, GateResult } from './result.ts'
import type { SlowPath } from './slow-path.ts'

export interface Gate {
  /** Decides about a request. Tokens, cookies and URLs of any content get a decision; it does not throw for them. */
  check(request: GateRequest): Promise<GateResult>
  /** Reads the pass of a request, protected or not. `sale` where the options name it by request. */
  passOf(request: GateRequest, of?: { readonly sale?: string }): Promise<PassVerdict>
  /**
   * Asks the waiting room for the `number`-th extension of the turn, 1 for the first. Repeating a number changes nothing.
   */
  extend(pass: Pass, number: number, options?: { readonly signal?: AbortSignal }): Promise<Extended>
  /**
   * Gives the slot back, also that of a pass which ended within the last 24 h. Three attempts within 10 s; repeating it
   * changes nothing. From then on this process rejects the pass as `revoked`.
   */
  finish(pass: Pass, options?: { readonly signal?: AbortSignal }): Promise<Finished>
  /** Counts decisions by kind and reason. */
  metrics(): readonly GateMetric[]
}

const UNTOUCHED: GateResult = { decision: { kind: 'untouched' }, headers: [] }
/** How long the failure to fetch the first keys counts: a request never waits for each of many. */
const KEYS_FAILURE_MS = 1_000
const STALE_KEYS_SECONDS = 3_600

/**
 * Creates the gate of a shop. Throws `GateOptionsError` with every invalid option.
 *
 * This module has the code for every request and for a valid pass. The rest is loaded by the first request that needs it,
 * so that a Worker or an edge function loads little at its start.
 */
export function createGate(options: GateOptions): Gate {
  checkOptions(options)
  const { issuer = 'floodgate', audience = 'order-core', failMode = 'closed', now = Date.now } = options
  const { clockToleranceSeconds = 0, fetch: call = globalThis.fetch } = options
  const steadyNow = createSteadyClock(now)
  const queueUrl = new URL(options.queueUrl).origin
  const { jwks, jwksUrl } = options
  const contact = createContact(steadyNow, call)
  const { fetch } = contact
  const keys = createKeySource(
    jwks ? { jwks } : { jwksUrl: jwksUrl ?? `${queueUrl}/.well-known/jwks.json` },
    steadyNow,
    {
      staleSeconds: options.staleKeysSeconds ?? STALE_KEYS_SECONDS,
      failureMs: KEYS_FAILURE_MS,
      // Keys of another host say nothing about the waiting room.
      fetch: jwksUrl ? call : fetch,
    },
  )
  const verifier = createVerifierWith(keys, { issuer, audience, clockToleranceSeconds, now })
  const revocations = options.revocations
    ? once(async () => (await import('./revocations.ts')).createRevocations({ queueUrl, now: steadyNow, fetch }))
    : undefined
  const { note, metrics } = createNotes(options.onEvent)
  const cookieRulesFor = createCookieRules(options)
  const judges = createJudges({ options, now, verifier, revocations, cookieRulesFor })

  function saleOf(request: GateRequest): string | undefined {
    return typeof options.sale === 'function' ? options.sale(request) : options.sale
  }

  const parts: GateParts = {
    options,
    queueUrl,
    issuer,
    audience,
    failMode,
    now,
    steadyNow,
    contact,
    keys,
    verifier,
    revocations,
    judges,
    note,
    cookieRulesFor,
    saleOf,
  }
  const slowPath = once<SlowPath>(async () => (await import('./slow-path.ts')).createSlowPath(parts))

  return {
    check: async (request) => {
      if (request.method === 'HEAD' || request.method === 'OPTIONS') return UNTOUCHED
      const sale = (options.protect?.(request) ?? true) ? saleOf(request) : undefined
      const isPlain = !request.target.includes(PARAMETER) && request.header(DIAGNOSIS_HEADER) === undefined
      const isProtected = sale !== undefined
      if (isPlain && !isProtected) return UNTOUCHED

      const origin = originOf(request, options)
      const place = { origin, sale: sale ?? saleOf(request) }
      const ofCookie = await judges.judgeCookie(request, place)
      const verdict = isPlain ? await judges.takeSlot(request, ofCookie.verdict) : ofCookie.verdict
      if (isPlain && isProtected && verdict.kind === 'valid') {
        const { pass } = verdict
        note({ kind: 'admitted', path: request.path, slot: pass.slot, sale })
        return { decision: { kind: 'admitted' }, headers: [], pass, ...(origin !== undefined && { origin }) }
      }
      const { check } = await slowPath()
      return check(request, { place, isProtected, isPlain, cookies: ofCookie.cookies, verdict })
    },

    passOf: async (request, of = {}) => {
      const place = { origin: originOf(request, options), sale: of.sale ?? saleOf(request) }
      return (await judges.judgeCookie(request, place)).verdict
    },

    extend: async (pass, number, { signal } = {}) => (await slowPath()).extend(pass, number, signal),

    finish: async (pass, { signal } = {}) => {
      judges.noteFinished(pass.slot, pass.expiresAt)
      return (await slowPath()).finish(pass, signal)
    },

    metrics,
  }
}

/** Returns a function that loads something at its first call, and again after a failure. */
function once<Loaded>(load: () => Promise<Loaded>): () => Promise<Loaded> {
  let loaded: Promise<Loaded> | undefined
  return function loadOnce() {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined
      throw error
    })
    return loaded
  }
}
