import { expect, it } from 'vitest'
import { claimOf, newestClaim } from './sentinels.ts'

const claim = (port: number, epoch: number) => ({ master: { host: 'a', port }, epoch })

it('the newest failover decides, however many Sentinels have not heard of it', () => {
  expect(newestClaim([claim(1, 3), claim(2, 4), claim(1, 3)])).toEqual(claim(2, 4))
  expect(newestClaim([])).toBeUndefined()
})

it('a reply without an address or an epoch is no claim', () => {
  const reply = ['name', 'shop', 'ip', '10.0.0.1', 'port', '6379', 'config-epoch', '7']
  expect(claimOf(reply)).toEqual({ master: { host: '10.0.0.1', port: 6379 }, epoch: 7 })
  expect(() => claimOf(reply.slice(0, 6))).toThrow()
  expect(() => claimOf(null)).toThrow()
})
