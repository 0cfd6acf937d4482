import { createHash } from 'node:crypto'
import type { RingKey } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { createStopTokens } from './stop-tokens.ts'

const keyOf = (name: string): RingKey => ({ kid: name, bytes: createHash('sha256').update(name).digest() })

it('a stop token is accepted with any key of the ring, and only as it was made', () => {
  const token = createStopTokens([keyOf('old')]).make('hash')
  const both = createStopTokens([keyOf('new'), keyOf('old')])
  expect(both.hashIn(token)).toBe('hash')
  const endings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter(
    (end) => !token.endsWith(end),
  )
  for (const end of endings) expect(both.hashIn(token.slice(0, -1) + end), end).toBeUndefined()
  for (const forged of [`${token}A`, `${token}.`, token.replace('hash', 'other'), 'hash', '', 'hash.', '.'])
    expect(both.hashIn(forged), forged).toBeUndefined()
  expect(createStopTokens([keyOf('other')]).hashIn(token)).toBeUndefined()
})
