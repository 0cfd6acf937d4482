import { compactDecrypt } from 'jose'
import { expect, test } from 'vitest'
import { createSeal } from './seal.ts'

const bytes = Buffer.alloc(32, 7)
const seal = createSeal([
  { kid: 'new', bytes },
  { kid: 'old', bytes: Buffer.alloc(32, 8) },
])

test.each(['a@example.org', 'grüße@bücher.example', `${'x'.repeat(240)}@example.org`])(
  '%s is sealed with the first key and opened by jose',
  async (email) => {
    const { plaintext, protectedHeader } = await compactDecrypt(seal(email), bytes)
    expect(Buffer.from(plaintext).toString()).toBe(email)
    expect(protectedHeader).toEqual({ alg: 'dir', enc: 'A256GCM', kid: 'new' })
  },
)

test('the same address is never sealed to the same bytes', () => {
  expect(new Set(Array.from({ length: 100 }, () => seal('a@example.org'))).size).toBe(100)
})

test('a changed byte is detected', async () => {
  const sealed = seal('a@example.org').split('.')
  const changed = [...sealed.slice(0, 3), `${sealed[3]?.startsWith('A') ? 'B' : 'A'}${sealed[3]?.slice(1)}`, sealed[4]]
  await expect(compactDecrypt(changed.join('.'), bytes)).rejects.toThrow()
})
