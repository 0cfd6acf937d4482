import { describe, expect, it } from 'vitest'
import { createEnforcedLimit } from './limits.ts'
import { createAddressCounts, effectiveBounds, siteOf } from './sites.ts'

/** Returns clients of one /48, as `networkOf` names them. */
const neighbours = (count: number, site = 0) =>
  Array.from({ length: count }, (_, index) => `2001:db8:${site.toString(16)}:${index.toString(16)}::/64`)

it.each([
  ['2001:db8:1:2::/64', '2001:db8:1::/48'],
  ['0:0:0:0::/64', '0:0:0::/48'],
  ['192.0.2.1', undefined],
  ['unknown', undefined],
])('the site of %s is %s', (client, site) => {
  expect(siteOf(client)).toBe(site)
})

it.each([
  ['the configured bound, where it is lower', { addressMax: 10, processMax: 1_000 }, { address: 10, site: 80 }],
  ['a fifth of the process, and two for a /48', { addressMax: 5_000, processMax: 900 }, { address: 180, site: 360 }],
  ['at least one', { addressMax: 5, processMax: 3 }, { address: 1, site: 2 }],
  ['the configured bound, where the process has none', { addressMax: 10, processMax: 0 }, { address: 10, site: 80 }],
  ['none, where none is configured', { addressMax: 0, processMax: 1_000 }, { address: 0, site: 0 }],
])('the bound of an address is %s', (_, bounds, expected) => {
  expect(effectiveBounds({ ...bounds, siteFactor: 8 })).toEqual(expected)
})

describe('one subscriber with a /48', () => {
  it('has eight times the rate of an address, however many networks it uses', () => {
    const counted: string[] = []
    const limit = createEnforcedLimit(
      { name: 'things', perSecond: 1, burst: 5 },
      { countLimited: (name) => void counted.push(name), now: () => 0 },
    )
    const takenBy = (clients: readonly string[]) => clients.filter((client) => limit.tryTake(client)).length
    expect(takenBy(neighbours(1_000))).toBe(40)
    expect(takenBy(neighbours(1_000, 1))).toBe(40)
    const [, second = ''] = neighbours(2_000).slice(1_500)
    expect(limit.problem(second).headers).toMatchObject({ 'retry-after': '1', 'ratelimit-policy': '"things";q=40;w=5' })
    // A rejection by the site's bound takes no token of the address, and a returned token counts for both.
    limit.giveBack(neighbours(1)[0] ?? '')
    expect(takenBy([second, second])).toBe(1)
    expect(counted).toEqual(['things'])
  })

  it('has no common bound where that is turned off', () => {
    const limit = createEnforcedLimit(
      { name: 'things', perSecond: 1, burst: 5 },
      { countLimited: () => undefined, siteFactor: 0, now: () => 0 },
    )
    expect(neighbours(1_000).filter((client) => limit.tryTake(client))).toHaveLength(1_000)
  })

  it('has a bound of eight times that of an address', () => {
    const counts = createAddressCounts({ addressMax: 2, processMax: 1_000, siteFactor: 8 })
    const clients = neighbours(100)
    const taken = clients.filter((client) => counts.take(client))
    expect(taken).toHaveLength(16)
    expect(counts.take('192.0.2.1')).toBe(true)
    counts.giveBack(taken[0] ?? '')
    expect(counts.take(clients[99] ?? '')).toBe(true)
    expect(counts.take(clients[98] ?? '')).toBe(false)
  })
})
