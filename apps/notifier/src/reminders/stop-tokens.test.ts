import { createHash } from 'node:crypto'
import type { RingKey } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { createStopTokens } from './stop-tokens.ts'

const keyOf = (name: string): RingKey => ({ kid: name, bytes: createHash('sha256').update(name).digest() })

it('a stop token is accepted with any key of the ring, and only as it was made', () => {
  const token = createStopTokens([keyOf('old')]).make('hash')
  const both = createStopTokens([keyOf('new'), keyOf('old')])
  expect(both.hashIn(token)).toBe('hash')
  for (const forged of [`${token}A`, token.replace('hash', 'other'), 'hash', '', 'hash.', '.'])
    expect(both.hashIn(forged), forged).toBeUndefined()
  expect(createStopTokens([keyOf('other')]).hashIn(token)).toBeUndefined()
})
