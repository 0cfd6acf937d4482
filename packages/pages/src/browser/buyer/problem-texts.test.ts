import type { ProblemCode } from '@floodgate/contracts'
import { texts as english } from '@floodgate/texts/languages/en'
import { expect, it } from 'vitest'
import { readProblem } from '../shared/problem.ts'
import { problemText } from './problem-texts.ts'

const textFor = (code: ProblemCode, { title, retryable }: { title: string; retryable: boolean }): string => {
  const body = { code, title, detail: 'In English, for operators.', retryable }
  const problem = readProblem({ status: 409, body, retryAfter: null, location: null, nowMs: 0 })
  return problemText(problem, { catalogue: { sale: 'one', currency: 'EUR', items: [] }, lines: [] }, english)
}

it.each<[ProblemCode, string, boolean, string]>([
  ['unavailable', 'A part is not available.', true, 'A part is not available. Nothing was ordered: please try again.'],
  ['not-found', 'This address does not exist', false, 'This address does not exist. Nothing was ordered.'],
  ['not-found', '', false, 'The server returned 409. Nothing was ordered.'],
  [
    'internal',
    'This order cannot be stored.',
    false,
    'The shop could not store this order, and nothing was charged. Sending it again will not help: change the order, or contact the shop.',
  ],
])('a rejection is a sentence, and advises what can help: %s', (code, title, retryable, words) => {
  expect(textFor(code, { title, retryable })).toBe(words)
})
