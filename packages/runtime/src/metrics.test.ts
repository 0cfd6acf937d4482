import { expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'

it('the event loop is measured by its utilization, not by a timer that keeps an idle process awake', async () => {
  const text = await createMetrics('demo').metrics()
  const utilization = /^floodgate_event_loop_utilization\{app="demo"\} (\S+)$/m.exec(text)?.[1]
  expect(Number(utilization)).toBeGreaterThan(0)
  expect(Number(utilization)).toBeLessThanOrEqual(1)
  expect(text).not.toContain('nodejs_eventloop_lag_p99')
})
