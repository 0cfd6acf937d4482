import { expect, it } from 'vitest'
import { parseTimes, parseWrk, wrkScript } from './wrk.ts'

it('reads the rate, and every unsuccessful response', () => {
  const output = `  14136 requests in 5.01s, 6.04MB read
  Socket errors: connect 0, read 2, write 0, timeout 1
  Non-2xx or 3xx responses: 4
Requests/sec:   2822.66
`
  expect(parseWrk(output)).toEqual({ requestsPerSecond: 2822.66, failures: 7, requests: 14_136 })
  expect(parseWrk('Requests/sec:  10.5')).toEqual({ requestsPerSecond: 10.5, failures: 0, requests: 0 })
})

it('rejects output without a rate', () => {
  expect(() => parseWrk('unable to connect')).toThrow(/no rate/)
  expect(() => parseTimes('')).toThrow(/no times/)
})

it("takes the children's part of a shell's times", () => {
  expect(parseTimes('0m0.010000s 0m0.020000s\n1m1.500000s 0m0.250000s\n')).toBe(61_750)
})

it('calls Lua for a request only when requests differ', () => {
  expect(wrkScript({ method: 'POST' })).toBe('wrk.method = "POST"\n')
  expect(wrkScript({ tokens: ['a.b', 'c.d'] })).toContain('{ "a.b", "c.d" }')
})
