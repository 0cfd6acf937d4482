import { type ProblemCode, problemKinds } from '@floodgate/contracts'
import { AppError } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { problemParts } from './problem-response.ts'

const codes = Object.keys(problemKinds) as ProblemCode[]
const headerOf = (error: AppError) => problemParts(error, { traceId: '0' }).headers['www-authenticate']

it.each(codes.filter((code) => problemKinds[code].status === 401))('%s names the authentication scheme', (code) => {
  expect(headerOf(new AppError(code))).toBe('Bearer')
  expect(headerOf(new AppError(code, { headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }))).toBe(
    'Bearer error="invalid_token"',
  )
})

it('only 401 names a scheme', () => {
  for (const code of codes)
    if (problemKinds[code].status !== 401) expect(headerOf(new AppError(code)), code).toBeUndefined()
})
