import { expect, it } from 'vitest'
import { type CeilingMeasured, judgeCeiling } from './judge-ceiling.ts'

const rates = { nothing: 100_000, join: 50_000, hold: 40_000 }
const measured: CeilingMeasured = {
  direct: (['nothing', 'join', 'hold'] as const).flatMap((script) =>
    [1, 16].map((pipeline) => ({
      script,
      pipeline,
      callsPerSecond: rates[script],
      microsecondsPerCall: 10,
      worked: 1_000,
    })),
  ),
  product: (['join', 'order'] as const).map((what) => ({
    what,
    requestsPerSecond: 5_000,
    failures: 0,
    appMicroseconds: 80,
    redisMicroseconds: 20,
    scriptMicroseconds: 10,
  })),
  calls: 1_000,
}

it("tells a script's part of the CPU that its request costs", () => {
  const { markdown, faults } = judgeCeiling(measured)
  expect(faults).toEqual([])
  expect(markdown).toContain('| join.lua | 50000 | 50000 | 0.50 | 10.0 |')
  expect(markdown).toContain('| order | 5000 | 0.13 | 80 | 20 | 10 | 10 % |')
})

it('does not count when a script was refused instead of doing its work', () => {
  const direct = measured.direct.map((each) => (each.script === 'hold' ? { ...each, worked: 3 } : each))
  expect(judgeCeiling({ ...measured, direct }).faults).toHaveLength(2)
})
