import { createHash } from 'node:crypto'
import type { KeyRing, RingKey } from '@floodgate/runtime'
import { expect, it } from 'vitest'
import { createOpenEmail } from '../mail/open-email.ts'
import { createAddresses } from './addresses.ts'

const keyOf = (name: string): RingKey => ({ kid: name, bytes: createHash('sha256').update(name).digest() })
const old: KeyRing = [keyOf('old')]
const both: KeyRing = [keyOf('new'), keyOf('old')]
const kept = async () => [Buffer.alloc(32, 1)]

it('an address is recognized whatever its case, and by the same hash with every ring', async () => {
  const address = 'ann@example.org'
  const [first] = await createAddresses(old, kept).hashes('Ann@example.org')
  for (const ring of [old, both, [keyOf('other')]] satisfies readonly KeyRing[])
    expect((await createAddresses(ring, kept).hashes(address))[0]).toBe(first)
  expect((await createAddresses(old, async () => [Buffer.alloc(32, 2)]).hashes(address))[0]).not.toBe(first)
})

it('hashes of earlier releases are recognized with any key of the ring', async () => {
  const [, earlier] = await createAddresses(old, kept).hashes('ann@example.org')
  expect(await createAddresses(both, kept).hashes('ann@example.org')).toContain(earlier)
})

it('the keys are read once, and again after a failure', async () => {
  let reads = 0
  const { hashes } = createAddresses(old, async () => {
    reads += 1
    if (reads === 1) throw new Error('away')
    return kept()
  })
  await expect(hashes('ann@example.org')).rejects.toThrow('away')
  await Promise.all([hashes('ann@example.org'), hashes('bob@example.org')])
  expect(reads).toBe(2)
})

it('a sealed address is opened as those of orders are', async () => {
  const sealed = await createAddresses(both, kept).seal('ann@example.org')
  expect(sealed).not.toContain('ann')
  expect(await createOpenEmail(both)(sealed)).toEqual({ kind: 'opened', address: 'ann@example.org' })
})
