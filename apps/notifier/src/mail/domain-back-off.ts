import { createBoundedMap } from '@floodgate/service'

const DOMAINS_MAX = 10_000
const WAIT_MS_MIN = 1_000
const WAIT_MS_MAX = 15 * 60 * 1_000

interface PutOff {
  readonly times: number
  readonly untilMs: number
}

/** Domains whose mails the mail server puts off. Times are of a monotonic clock. */
export interface DomainBackOff {
  /** How long mails to the domain wait that were tried before; 0 when they need not. Fresh ones are always tried. */
  waitMs(domain: string, nowMs: number): number
  onDeferred(domain: string, nowMs: number): void
  onTaken(domain: string): void
}

/**
 * A domain that puts one mail off usually puts off all. Its wait doubles, once per wait however many mails find out, and
 * one mail that is taken ends it. Each process knows only what it saw itself.
 */
export function createDomainBackOff(): DomainBackOff {
  const putOff = createBoundedMap<PutOff>(DOMAINS_MAX)
  return {
    waitMs: (domain, nowMs) => Math.max(0, (putOff.get(domain)?.untilMs ?? nowMs) - nowMs),
    onDeferred(domain, nowMs) {
      const { times, untilMs } = putOff.get(domain) ?? { times: 0, untilMs: nowMs }
      if (nowMs < untilMs) return
      const waitMs = Math.min(WAIT_MS_MAX, WAIT_MS_MIN * 2 ** Math.min(times, 20))
      putOff.set(domain, { times: times + 1, untilMs: nowMs + waitMs })
    },
    onTaken: (domain) => putOff.delete(domain),
  }
}

/** The domain of an address, by which servers put mails off. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
