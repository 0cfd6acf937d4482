import { expect, it } from 'vitest'
import { claimOf, newestClaim } from './sentinels.ts'

const claim = (port: number, epoch: number, isSettled = true) => ({ master: { host: 'a', port }, epoch, isSettled })

it('the newest failover decides, however many Sentinels have not heard of it', () => {
  expect(newestClaim([claim(1, 3), claim(2, 4), claim(1, 3)])).toEqual(claim(2, 4))
  expect(newestClaim([])).toBeUndefined()
})

it('the leader of a failover, which still names the old master, does not decide against those who know the new one', () => {
  const claims = [claim(1, 4, false), claim(2, 4), claim(1, 3)]
  for (const each of [claims, claims.toReversed()]) expect(newestClaim(each)).toEqual(claim(2, 4))
  const reply = ['ip', 'a', 'port', '1', 'flags', 'master,failover_in_progress', 'config-epoch', '4']
  expect(claimOf(reply)).toEqual(claim(1, 4, false))
})

it('a reply without an address or an epoch is no claim', () => {
  const reply = ['name', 'shop', 'ip', '10.0.0.1', 'port', '6379', 'config-epoch', '7']
  expect(claimOf(reply)).toEqual({ master: { host: '10.0.0.1', port: 6379 }, epoch: 7, isSettled: true })
  expect(() => claimOf(reply.slice(0, 6))).toThrow()
  expect(() => claimOf(null)).toThrow()
})
