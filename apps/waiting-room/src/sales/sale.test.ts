import { saleAct, saleState } from '@floodgate/contracts'
import { describe, expect, it } from 'vitest'
import { changedSettings, decideAct, isUntouched, newSale } from './sale.ts'

const settings = {
  name: 'A',
  admitPerSecond: 1,
  maxActive: 1,
  admissionTtlSeconds: 10,
  opensAt: '2030-01-01T00:00:00.000Z',
}

describe('an act', () => {
  it.each([
    ['open', ['open', 'same', 'wrong-state', 'wrong-state']],
    ['pause', ['wrong-state', 'paused', 'same', 'wrong-state']],
    ['resume', ['wrong-state', 'same', 'open', 'wrong-state']],
    ['close', ['closed', 'closed', 'closed', 'same']],
  ] as const)('%s leads from each state where it should', (act, expected) => {
    const results = saleState.options.map((state) => {
      const decision = decideAct(state, act)
      return decision.kind === 'become' ? decision.state : decision.kind
    })
    expect(results).toEqual(expected)
  })

  it('done twice is the same as done once', () => {
    for (const act of saleAct.options)
      for (const state of saleState.options) {
        const first = decideAct(state, act)
        if (first.kind === 'become') expect(decideAct(first.state, act).kind).toBe('same')
      }
  })
})

describe('settings', () => {
  it('that are what the sale has change nothing, however the time is written', () => {
    const sale = newSale('s', settings)
    expect(changedSettings(sale, { ...settings, opensAt: '2030-01-01T00:00:00Z', closesAt: null })).toBeUndefined()
  })
  it('that differ raise the version and keep the state', () => {
    const sale = { ...newSale('s', settings), state: 'paused' as const }
    expect(changedSettings(sale, { ...settings, maxActive: 2 })).toMatchObject({
      version: 2,
      state: 'paused',
      maxActive: 2,
    })
  })
})

describe('a sale that Redis does not know', () => {
  const nowMs = Date.parse(settings.opensAt)
  const sale = newSale('s', settings)
  it('is new only while nobody can have joined: no act yet, and the schedule has not opened it', () => {
    expect(isUntouched(sale, nowMs - 60_000)).toBe(true)
    expect(isUntouched(sale, nowMs - 1_000)).toBe(false)
    expect(isUntouched({ ...sale, version: 2 }, nowMs - 60_000)).toBe(false)
  })
})
