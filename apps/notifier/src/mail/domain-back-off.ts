import { type BackOff, createBoundedMap, doublingMs } from '@floodgate/async'

const DOMAINS_MAX = 10_000
const WAIT: BackOff = { minMs: 1_000, maxMs: 15 * 60 * 1_000 }

interface PutOff {
  readonly times: number
  readonly untilMs: number
  readonly isMute: boolean
}

/** Tracks domains whose mails the mail server defers. Times are of a monotonic clock. */
export interface DomainBackOff {
  /** Returns how long a mail to the domain waits; 0 when it need not. A fresh one waits only for a mute domain. */
  waitMs(domain: string, of: { readonly isFresh: boolean; readonly nowMs: number }): number
  /** Tells whether no domain waits. */
  isQuiet(nowMs: number): boolean
  onDeferred(domain: string, nowMs: number): void
  /** Records that a mail got no reply, which occupies a slot for long: fresh ones wait as well. */
  onMute(domain: string, nowMs: number): void
  onTaken(domain: string): void
}

/**
 * Tracks deferred domains. A domain that defers one mail usually defers all. Its wait doubles, once per wait however
 * many mails fail, and one accepted mail ends it. Each process knows only its own failures.
 */
export function createDomainBackOff(): DomainBackOff {
  const putOff = createBoundedMap<PutOff>(DOMAINS_MAX)
  let quietFromMs = Number.NEGATIVE_INFINITY
  function putOffAgain(domain: string, nowMs: number, isMute: boolean): void {
    const { times, untilMs } = putOff.get(domain) ?? { times: 0, untilMs: nowMs }
    if (nowMs < untilMs) return
    const waitMs = doublingMs(WAIT, times)
    putOff.set(domain, { times: times + 1, untilMs: nowMs + waitMs, isMute })
    quietFromMs = Math.max(quietFromMs, nowMs + waitMs)
  }
  return {
    waitMs(domain, { isFresh, nowMs }) {
      const known = putOff.get(domain)
      return known === undefined || (isFresh && !known.isMute) ? 0 : Math.max(0, known.untilMs - nowMs)
    },
    isQuiet: (nowMs) => nowMs >= quietFromMs,
    onDeferred: (domain, nowMs) => putOffAgain(domain, nowMs, false),
    onMute: (domain, nowMs) => putOffAgain(domain, nowMs, true),
    onTaken: (domain) => putOff.delete(domain),
  }
}

/** Returns the domain of an address, by which servers defer mails. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
