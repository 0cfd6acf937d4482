import { createHash } from 'node:crypto'
import type { KeyRing, RingKey } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { createOpenEmail } from '../mail/open-email.ts'
import { createAddresses } from './addresses.ts'

const keyOf = (name: string): RingKey => ({ kid: name, bytes: createHash('sha256').update(name).digest() })
const old: KeyRing = [keyOf('old')]
const both: KeyRing = [keyOf('new'), keyOf('old')]

it('an address is recognized whatever its case, and with any key of the ring', () => {
  expect(createAddresses(old).hashes('Ann@example.org')).toEqual(createAddresses(old).hashes('ann@example.org'))
  expect(createAddresses(both).hashes('ann@example.org')).toContain(createAddresses(old).hashes('ann@example.org')[0])
  expect(createAddresses([keyOf('other')]).hashes('ann@example.org')).not.toEqual(
    createAddresses(old).hashes('ann@example.org'),
  )
})

it('a sealed address is opened as those of orders are', async () => {
  const sealed = await createAddresses(both).seal('ann@example.org')
  expect(sealed).not.toContain('ann')
  expect(await createOpenEmail(both)(sealed)).toEqual({ kind: 'opened', address: 'ann@example.org' })
})

it('a stop token is accepted with any key of the ring, and only as it was made', () => {
  const token = createAddresses(old).stopToken('hash')
  expect(createAddresses(both).hashInStopToken(token)).toBe('hash')
  for (const forged of [`${token}A`, token.replace('hash', 'other'), 'hash', '', 'hash.', '.'])
    expect(createAddresses(both).hashInStopToken(forged), forged).toBeUndefined()
  expect(createAddresses([keyOf('other')]).hashInStopToken(token)).toBeUndefined()
})
