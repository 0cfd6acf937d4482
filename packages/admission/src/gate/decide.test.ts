import { describe, expect, it } from 'vitest'
import { type Decision, decide, type Facts, type FailMode, type Reason } from './decide.ts'

/** A navigation to a protected path, without anything. */
const NOTHING: Facts = {
  diagnosis: false,
  isProtected: true,
  isNavigation: true,
  handover: 'none',
  wasRefused: false,
  keepsCookies: true,
  pass: 'missing',
  failMode: 'closed',
  isDown: false,
}
const decideWith = (facts: Partial<Facts>) => decide({ ...NOTHING, ...facts })

const toLine = (reason: Reason): Decision => ({ kind: 'to-line', reason })
const page = (reason: Reason): Decision => ({ kind: 'page', reason })
const problem = (reason: Reason): Decision => ({ kind: 'problem', reason })
const clean: Decision = { kind: 'to-clean', store: false, check: false }
const untouched: Decision = { kind: 'untouched' }

/** Reasons for which a buyer goes to the line, and a script gets a problem. */
const REJECTED: readonly Reason[] = [
  ...(['expired', 'issuer', 'audience', 'unknown-key', 'signature', 'malformed', 'sale', 'revoked'] as const),
]
const UNKNOWN = ['keys-unavailable', 'revocations-unavailable', 'slots-unavailable'] as const
const HANDOVERS: readonly Reason[] = [
  ...REJECTED,
  ...(['handover-expired', 'handover-origin', 'handover-slot', 'handover-older'] as const),
  'handover-invalid',
]

describe('a page', () => {
  it.each<[string, Partial<Facts>, Decision]>([
    ['without a pass', {}, toLine('missing')],
    ['without a pass, after a refusal', { wasRefused: true }, toLine('missing')],
    ['with a valid pass', { pass: 'valid' }, { kind: 'admitted' }],
    ['with a used pass', { pass: 'used' }, page('used')],
    ['that is not protected', { isProtected: false }, untouched],
    ['that is not protected, with a bad pass', { isProtected: false, pass: 'signature' }, untouched],
    ['with a handover', { handover: 'valid' }, { kind: 'to-clean', store: true, check: false }],
    ['with a handover and a bad pass', { handover: 'valid', pass: 'signature' }, { ...clean, store: true }],
    [
      'with a handover and no cookie',
      { handover: 'valid', keepsCookies: false },
      { ...clean, store: true, check: true },
    ],
    ['with a handover that is not protected', { handover: 'valid', isProtected: false }, { ...clean, store: true }],
    ['that tests the cookie, with a pass', { handover: 'cookie-check', pass: 'valid' }, clean],
    ['that tests the cookie, with a bad one', { handover: 'cookie-check', pass: 'signature' }, clean],
    ['that tests the cookie, without one', { handover: 'cookie-check' }, page('cookies-off')],
    ['with a valid pass, after a rejection', { pass: 'valid', wasRefused: true }, clean],
  ])('%s', (_, facts, decision) => {
    expect(decideWith(facts)).toEqual(decision)
  })

  it.each(REJECTED)('with a pass that is %s: the line, and after a rejection a page', (pass) => {
    expect(decideWith({ pass })).toEqual(toLine(pass))
    expect(decideWith({ pass, wasRefused: true })).toEqual(page(pass))
  })

  it.each(HANDOVERS)('with a handover that is %s: the line, and after a rejection a page', (handover) => {
    expect(decideWith({ handover })).toEqual(toLine(handover))
    expect(decideWith({ handover, wasRefused: true })).toEqual(page(handover))
    expect(decideWith({ handover, pass: 'valid' })).toEqual(clean)
    expect(decideWith({ handover, isProtected: false })).toEqual(clean)
  })

  it.each(UNKNOWN)('that cannot be checked (%s): a page if closed, admitted if open', (pass) => {
    expect(decideWith({ pass })).toEqual(page(pass))
    expect(decideWith({ pass, failMode: 'open' })).toEqual({ kind: 'open', reason: pass })
    expect(decideWith({ handover: pass })).toEqual(page(pass))
    expect(decideWith({ handover: pass, failMode: 'open' })).toEqual(clean)
  })
})

describe('a script', () => {
  const call = (facts: Partial<Facts>) => decideWith({ isNavigation: false, ...facts })

  it('with a valid pass is admitted, and without any gets a problem', () => {
    expect(call({ pass: 'valid' })).toEqual({ kind: 'admitted' })
    expect(call({})).toEqual(problem('missing'))
    expect(call({ isProtected: false })).toEqual(untouched)
  })

  it.each([...REJECTED, 'used' as const, ...UNKNOWN])(
    'with a pass that is %s gets a problem, also repeatedly',
    (pass) => {
      expect(call({ pass })).toEqual(problem(pass))
      expect(call({ pass, wasRefused: true })).toEqual(problem(pass))
    },
  )
})

describe('while the waiting room is down, an open gate', () => {
  const down: Partial<Facts> = { failMode: 'open', isDown: true }
  const open: Decision = { kind: 'open', reason: 'waiting-room-unavailable' }

  it.each([true, false])('lets requests through without a pass or with an old one (navigation: %s)', (isNavigation) => {
    for (const pass of ['missing', 'expired', 'unknown-key'] as const)
      expect(decideWith({ ...down, isNavigation, pass })).toEqual(open)
  })

  it('still rejects a pass that was used or given back', () => {
    expect(decideWith({ ...down, pass: 'used' })).toEqual(page('used'))
    expect(decideWith({ ...down, pass: 'revoked' })).toEqual(toLine('revoked'))
  })

  it('is not opened by a setting alone: closed stays closed', () => {
    expect(decideWith({ isDown: true })).toEqual(toLine('missing'))
  })
})

it('a diagnosis takes precedence', () => {
  expect(decideWith({ diagnosis: true, handover: 'valid', isProtected: false })).toEqual({ kind: 'diagnosis' })
})

describe('of all combinations', () => {
  const passes = ['valid', 'missing', 'used', ...REJECTED, ...UNKNOWN] as const
  const handovers = ['none', 'cookie-check', 'valid', ...HANDOVERS, ...UNKNOWN] as const
  const both = [true, false]
  const all: Facts[] = both.flatMap((isProtected) =>
    both.flatMap((isNavigation) =>
      both.flatMap((wasRefused) =>
        both.flatMap((keepsCookies) =>
          both.flatMap((isDown) =>
            (['closed', 'open'] satisfies FailMode[]).flatMap((failMode) =>
              passes.flatMap((pass) =>
                handovers.map((handover) => ({
                  ...{ diagnosis: false, isProtected, isNavigation, wasRefused, keepsCookies, isDown },
                  ...{ failMode, pass, handover },
                })),
              ),
            ),
          ),
        ),
      ),
    ),
  )

  it('none admits or stores without a valid proof', () => {
    for (const facts of all) {
      const decision = decide(facts)
      if (decision.kind === 'admitted') expect(facts.pass).toBe('valid')
      if (decision.kind === 'to-clean' && decision.store) expect(facts.handover).toBe('valid')
      if (decision.kind === 'open') expect(facts.failMode).toBe('open')
    }
  })

  it('none redirects a script, or shows it a page', () => {
    for (const facts of all.filter(({ isNavigation }) => !isNavigation))
      expect(['untouched', 'admitted', 'open', 'problem']).toContain(decide(facts).kind)
  })

  it('none sends a buyer to the line a second time for a rejected pass', () => {
    for (const facts of all.filter(({ wasRefused }) => wasRefused)) {
      const decision = decide(facts)
      if (decision.kind === 'to-line') expect(decision.reason).toBe('missing')
    }
  })

  it('none leaves the gate`s parameter in the URL of a page', () => {
    for (const facts of all.filter(({ isNavigation, handover }) => isNavigation && handover !== 'none'))
      expect(['to-clean', 'to-line', 'page']).toContain(decide(facts).kind)
  })
})
