import type { ProblemCode } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { readProblem } from '../shared/problem.ts'
import { refusalText } from './refusals.ts'

const textFor = (code: ProblemCode, { detail, retryable }: { detail: string; retryable: boolean }): string => {
  const body = { code, detail, retryable }
  const problem = readProblem({ status: 409, body, retryAfter: null, location: null, nowMs: 0 })
  return refusalText(problem, { sale: 'one', currency: 'EUR', items: [] } as never)
}

it.each<[ProblemCode, string, boolean, string]>([
  ['unavailable', 'Stock can not be reached.', true, 'Stock can not be reached. Please try again.'],
  ['not-found', 'There is no such thing', false, 'There is no such thing.'],
  [
    'admission-revoked',
    'The admission was given back',
    false,
    'Your turn was given back, so nothing was ordered. Join the line again to buy.',
  ],
  [
    'too-many-declined',
    'Every card was declined, so this turn is over.',
    false,
    'Every card was declined, so this turn is over. Join the line again to try once more.',
  ],
])('a refusal is a sentence, and advises what can help: %s', (code, detail, retryable, words) => {
  expect(textFor(code, { detail, retryable })).toBe(words)
})
