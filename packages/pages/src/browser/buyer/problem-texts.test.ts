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
  ['not-found', 'There is nothing here', false, 'There is nothing here. Nothing was ordered.'],
  ['not-found', '', false, 'The server answered 409. Nothing was ordered.'],
  [
    'internal',
    'This order cannot be stored.',
    false,
    'The shop could not store this order, and nothing was charged. Sending it again does not help: change something in it, or tell the shop.',
  ],
])('a refusal is a sentence, and advises what can help: %s', (code, title, retryable, words) => {
  expect(textFor(code, { title, retryable })).toBe(words)
})
