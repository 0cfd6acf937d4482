import { expect, it } from 'vitest'
import { callsOf, parseCommandStats, scriptsOf, spentBetween } from './command-stats.ts'

const info = (evalsha: number, zcard: number) => `# Commandstats
cmdstat_evalsha:calls=${evalsha},usec=${evalsha * 10},usec_per_call=10.00,rejected_calls=0,failed_calls=0
cmdstat_zcard:calls=${zcard},usec=${zcard},usec_per_call=1.00,rejected_calls=0,failed_calls=0
cmdstat_config|get:calls=1,usec=9,usec_per_call=9.00,rejected_calls=0,failed_calls=0
`

it('counts calls between two readings', () => {
  const spent = spentBetween(parseCommandStats(info(5, 3)), parseCommandStats(info(9, 4)))
  expect([...spent.keys()]).toEqual(['evalsha', 'zcard'])
  expect(callsOf(spent)).toBe(5)
  expect(scriptsOf(spent)).toEqual({ calls: 4, microseconds: 40 })
})
