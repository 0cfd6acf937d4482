import { expect, it } from 'vitest'
import { parseWrk } from './wrk.ts'

it('reads the rate, and every answer that was no success', () => {
  const output = `  14136 requests in 5.01s, 6.04MB read
  Socket errors: connect 0, read 2, write 0, timeout 1
  Non-2xx or 3xx responses: 4
Requests/sec:   2822.66
`
  expect(parseWrk(output)).toEqual({ requestsPerSecond: 2822.66, failures: 7 })
  expect(parseWrk('Requests/sec:  10.5')).toEqual({ requestsPerSecond: 10.5, failures: 0 })
})

it('does not take silence for a result', () => {
  expect(() => parseWrk('unable to connect')).toThrow(/no rate/)
})
