import { saleAct, saleState } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { changedSettings, decideAct, isUntouched, newSale, saleInState, settingsProblemOf } from './sale.ts'

const settings = {
  name: 'A',
  admitPerSecond: 1,
  maxActive: 1,
  admissionTtlSeconds: 10,
  claimSeconds: 60,
  returnSeconds: 600,
  extensionsMax: 2,
  frameOrigins: [],
  returnOrigins: [],
  defaultReturnUrl: null,
  identity: null,
  language: null,
  opensAt: '2030-01-01T00:00:00.000Z',
}

describe('an act', () => {
  it.each([
    ['open', ['open', 'same', 'wrong-state', 'wrong-state']],
    ['pause', ['wrong-state', 'paused', 'same', 'wrong-state']],
    ['resume', ['wrong-state', 'same', 'open', 'wrong-state']],
    ['close', ['closed', 'closed', 'closed', 'same']],
    ['reopen', ['wrong-state', 'same', 'same', 'paused']],
  ] as const)('%s leads from each state where it should', (act, expected) => {
    const results = saleState.options.map((state) => {
      const decision = decideAct(state, act)
      return decision.kind === 'become' ? decision.state : decision.kind
    })
    expect(results).toEqual(expected)
  })

  it('applied twice equals once', () => {
    for (const act of saleAct.options)
      for (const state of saleState.options) {
        const first = decideAct(state, act)
        if (first.kind === 'become') expect(decideAct(first.state, act).kind).toBe('same')
      }
  })
})

describe('settings', () => {
  it("that equal the sale's change nothing, however the time is written", () => {
    const sale = newSale('s', settings)
    expect(changedSettings(sale, { ...settings, opensAt: '2030-01-01T00:00:00Z', closesAt: null })).toBeUndefined()
  })
  it('that differ raise the version and keep the state', () => {
    const sale = { ...newSale('s', settings), state: 'paused' as const }
    const frameOrigins = ['https://shop.example']
    expect(changedSettings(sale, { ...settings, frameOrigins })).toMatchObject({ version: 2, frameOrigins })
    const returning = { returnOrigins: frameOrigins, defaultReturnUrl: 'https://shop.example/' }
    expect(changedSettings(sale, { ...settings, ...returning })).toMatchObject({ version: 2, ...returning })
    const returned = newSale('s', { ...settings, ...returning })
    expect(changedSettings(returned, { ...settings, ...returning })).toBeUndefined()
    expect(changedSettings(returned, { ...settings, returnOrigins: frameOrigins })).toMatchObject({
      version: 2,
      defaultReturnUrl: null,
    })
    expect(changedSettings(sale, { ...settings, maxActive: 2 })).toMatchObject({
      version: 2,
      state: 'paused',
      maxActive: 2,
    })
  })
})

describe('settings with a condition', () => {
  const nowMs = Date.parse('2029-01-01T00:00:00Z')
  const sale = { ...newSale('s', settings), version: 4 }
  const past = '2028-12-31T23:59:59.999Z'
  it.each([
    ['an opensAt in the past', { opensAt: past }, ['/opensAt']],
    ['a closesAt in the past', { closesAt: past }, ['/closesAt']],
    ['both', { opensAt: past, closesAt: past }, ['/opensAt', '/closesAt']],
    ['a time of this very moment', { closesAt: '2029-01-01T00:00:00Z' }, ['/closesAt']],
  ])('%s is rejected, on a known sale and on a new one', (_, times, pointers) => {
    for (const known of [sale, undefined])
      expect(settingsProblemOf(known, { ...settings, ...times }, nowMs)).toEqual({ kind: 'time-past', pointers })
  })
  it('a time in the past is accepted on request', () => {
    expect(settingsProblemOf(sale, { ...settings, closesAt: past, force: true }, nowMs)).toBeUndefined()
  })
  it('a time that the sale already has, or that is in the future, is accepted', () => {
    const opened = { ...sale, opensAt: new Date(past) }
    expect(
      settingsProblemOf(opened, { ...settings, opensAt: past, closesAt: '2029-01-01T00:00:00.001Z' }, nowMs),
    ).toBeUndefined()
  })
  it('apply to no other version than the one they name; 0 is a sale that does not exist', () => {
    const conflict = { kind: 'version-conflict', version: 4 }
    for (const version of [0, 3, 5])
      expect(settingsProblemOf(sale, { ...settings, version, force: true }, nowMs)).toEqual(conflict)
    expect(settingsProblemOf(sale, { ...settings, version: 4 }, nowMs)).toBeUndefined()
    expect(settingsProblemOf(undefined, { ...settings, version: 0 }, nowMs)).toBeUndefined()
    expect(settingsProblemOf(undefined, { ...settings, version: 1 }, nowMs)).toEqual({ ...conflict, version: 0 })
  })
})

it('a reopened sale has no closing time that would close it again', () => {
  const closed = { ...newSale('s', settings), state: 'closed' as const, closesAt: new Date(0) }
  expect(saleInState(closed, { act: 'reopen', state: 'paused' })).toMatchObject({
    state: 'paused',
    closesAt: null,
    version: 2,
  })
})

describe('a sale that Redis does not know', () => {
  const nowMs = Date.parse(settings.opensAt)
  const sale = newSale('s', settings)
  it('is new only while no buyer can have joined: no act yet, and the schedule has not opened it', () => {
    expect(isUntouched(sale, nowMs - 60_000)).toBe(true)
    expect(isUntouched(sale, nowMs - 1_000)).toBe(false)
    expect(isUntouched({ ...sale, version: 2 }, nowMs - 60_000)).toBe(false)
  })
})
