import { expect, it } from 'vitest'
import { z } from 'zod'
import { emailAddress, text } from './scalars.ts'

const name = text(4)

it.each(['a', 'abcd', '😀😀😀😀', 'é\n'])('%j is a text of at most 4 characters', (value) => {
  expect(name.parse(value)).toBe(value)
})

it.each(['', 'abcde', '😀😀😀😀😀', 'a\0', '\ud83d', 'a\ude00'])('%j is none', (value) => {
  expect(name.safeParse(value).success).toBe(false)
})

it('declares what it enforces: a length in code points, and no NUL', () => {
  const { maxLength, pattern = '' } = z.toJSONSchema(name) as { maxLength?: number; pattern?: string }
  expect(maxLength).toBe(4)
  expect(new RegExp(pattern, 'u').test('a\0')).toBe(false)
  expect(new RegExp(pattern, 'u').test('é\n😀')).toBe(true)
})

it.each(['a@example.com', "o'brien+x@müller.example", 'a.b@почта.рф'])(
  'the pattern of addresses accepts %s',
  (address) => {
    const { pattern = '' } = z.toJSONSchema(emailAddress) as { pattern?: string }
    expect(emailAddress.safeParse(address).success).toBe(true)
    expect(new RegExp(pattern, 'u').test(address)).toBe(true)
  },
)

it.each(['a@b@example.com', 'a..b@example.com', 'a b@example.com', '@example.com', 'a@'])(
  'the pattern of addresses rejects %s',
  (address) => {
    const { pattern = '' } = z.toJSONSchema(emailAddress) as { pattern?: string }
    expect(emailAddress.safeParse(address).success).toBe(false)
    expect(new RegExp(pattern, 'u').test(address)).toBe(false)
  },
)
