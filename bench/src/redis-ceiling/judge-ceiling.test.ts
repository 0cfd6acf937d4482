import { expect, it } from 'vitest'
import { type CeilingMeasured, judgeCeiling } from './judge-ceiling.ts'

const rates = { nothing: 100_000, join: 50_000, hold: 40_000 }
const measured: CeilingMeasured = {
  direct: (['nothing', 'join', 'hold'] as const).flatMap((script) =>
    (['one at a time', 'pipelined', 'in one call'] as const)
      .filter((way) => script !== 'nothing' || way !== 'in one call')
      .map((way) => ({ script, way, perSecond: rates[script], microsecondsEach: 10, workedShare: 1 })),
  ),
  product: (['join', 'order'] as const).map((what) => ({
    what,
    requestsPerSecond: 5_000,
    failures: 0,
    appMicroseconds: 80,
    redisMicroseconds: 20,
    scriptMicroseconds: 10,
  })),
}

it("tells a script's part of the CPU that its request costs", () => {
  const { markdown, faults } = judgeCeiling(measured)
  expect(faults).toEqual([])
  expect(markdown).toContain('| EVALSHA of return 1 | 100000 | 100000 | – | 10.0 |')
  expect(markdown).toContain('| join.lua | 50000 | 50000 | 50000 | 10.0 |')
  expect(markdown).toContain('| order | 5000 | 0.13 | 80 | 20 | 10.0 | 10 % |')
})

it('does not count when a script refused instead of doing its work', () => {
  const direct = measured.direct.map((each) => (each.script === 'hold' ? { ...each, workedShare: 0.3 } : each))
  expect(judgeCeiling({ ...measured, direct }).faults).toHaveLength(3)
})
