import { expect, it } from 'vitest'
import { parseBenchmark } from './redis-benchmark.ts'

it('reads the rate behind the command, whatever the command holds', () => {
  const output = `"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"EVALSHA abc 1 "key" 5","61349.69","0.426","0.072","0.423","0.503","0.671","1.615"
`
  expect(parseBenchmark(output)).toBe(61_349.69)
})

it('does not take an error for a result', () => {
  expect(() => parseBenchmark('Error from server: NOSCRIPT')).toThrow(/no rate/)
})
