import { type ProblemCode, problemKinds } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { LANGUAGES } from './languages.ts'

const codes = Object.keys(problemKinds) as ProblemCode[]

it('English titles of problems are those of the contracts', () => {
  expect(LANGUAGES.of('en').problems).toEqual(Object.fromEntries(codes.map((code) => [code, problemKinds[code].title])))
})

it.each(LANGUAGES.tags)('every problem has a title of its own, which a sentence may be made of: %s', (language) => {
  const titles = LANGUAGES.of(language).problems
  expect(Object.keys(titles).sort()).toEqual([...codes].sort())
  expect(new Set(Object.values(titles)).size).toBe(codes.length)
  for (const title of Object.values(titles)) expect(title).not.toMatch(/[.!?…]$|\n/)
})
