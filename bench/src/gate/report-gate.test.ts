import { expect, it } from 'vitest'
import { reportGate } from './report-gate.ts'
import { FRAMEWORKS, handlerName } from './serve-unprotected.ts'
import { JOSE, NODE_CRYPTO, VERIFIER } from './verify-tokens.ts'

const handlers = Object.fromEntries(
  FRAMEWORKS.flatMap((name) => [
    [handlerName(name, false), [5, 9, 5]],
    [handlerName(name, true), [6.5, 10.5, 8]],
  ]),
)

it('takes ratios and differences round by round, and the median of them', () => {
  const verification = { [VERIFIER]: [110, 220, 500], [JOSE]: [220, 440, 1_000], [NODE_CRYPTO]: [100, 200, 100] }
  const { thresholds, markdown } = reportGate({ verification, unprotected: handlers, tokens: 3, rounds: 3 })
  expect(thresholds.map(({ measured, reached }) => [measured, reached])).toEqual([
    ['0.50 ×', true],
    ['1.10 ×', true],
    ...FRAMEWORKS.map(() => ['1.50 µs', true]),
  ])
  expect(markdown).toContain(`| ${VERIFIER} | 220.00 | 110.00 |`)
})

it('misses a target that most rounds miss', () => {
  const verification = { [VERIFIER]: [120, 120, 100], [JOSE]: [100, 100, 100], [NODE_CRYPTO]: [100, 100, 100] }
  const slow = { ...handlers, [handlerName('Hono', true)]: [7.5, 11.5, 7] }
  const { thresholds } = reportGate({ verification, unprotected: slow, tokens: 3, rounds: 3 })
  expect(thresholds.map(({ reached }) => reached)).toEqual([false, false, false, true, true])
})
