import { describe, expect, it } from 'vitest'
import { planRehearsal, type RehearsalValues } from './plan.ts'

const values: RehearsalValues = {
  sale: '',
  buyers: 1_000,
  stock: 200,
  rate: 50,
  active: 1_000,
  seconds: 20,
  'max-seconds': 900,
  arrival: 'even',
  mix: 'buy=50,be-declined=10',
  sockets: '20',
  seed: 1,
  'payment-method': 'sim_ok',
}
const chance = { now: new Date('2026-11-21T07:00:00Z'), random: '1a2b3c' }

describe('a rehearsal', () => {
  it('names its sale after the day and a random suffix', () => {
    expect(planRehearsal(values, chance).sale).toBe('rehearsal-2026-11-21-1a2b3c')
  })

  it('declines no payments with a real payment provider', () => {
    expect(planRehearsal(values, chance).mix).toEqual({ buy: 50, leave: 0, 'be-declined': 10, wait: 40 })
    const real = planRehearsal({ ...values, 'payment-method': 'card_test' }, chance)
    expect(real.mix).toEqual({ buy: 50, leave: 0, 'be-declined': 0, wait: 50 })
  })

  it.each<[string, Partial<RehearsalValues>, RegExp]>([
    ['more buyers than allowed', { buyers: 50_001 }, /--buyers is a whole number from 1 to 50000/],
    ['half a unit', { stock: 0.5 }, /--stock is a whole number/],
    ['longer than an hour', { 'max-seconds': 3_601 }, /--max-seconds is at most 3600/],
    ['a sale that may belong to someone else', { sale: 'black-friday' }, /--sale begins with "rehearsal-"/],
    ['an unknown arrival pattern', { arrival: 'never' }, /--arrival is one of even/],
    ['an unknown mix', { mix: 'steal=1' }, /--mix: "steal=1"/],
  ])('rejects %s', (_, wrong, words) => {
    expect(() => planRehearsal({ ...values, ...wrong }, chance)).toThrow(words)
  })

  it('reports all errors at once', () => {
    expect(() => planRehearsal({ ...values, rate: 20_000, sockets: 'some' }, chance)).toThrow(/--rate.*\n.*--sockets/)
  })
})
