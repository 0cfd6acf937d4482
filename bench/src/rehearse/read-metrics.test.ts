import { expect, it } from 'vitest'
import { appSample, readExposition } from './read-metrics.ts'

const exposition = (over: {
  readonly process?: number
  readonly fast: number
  readonly slow: number
  readonly ticks: number
}) => `
# HELP floodgate_event_loop_utilization Busy share
floodgate_event_loop_utilization{app="waiting-room"} 0.93
process_start_time_seconds{app="waiting-room"} ${over.process ?? 100}
floodgate_http_request_duration_seconds_bucket{le="0.01",app="waiting-room",method="GET",route="/sales/:sale/ticket",status="200"} ${over.fast}
floodgate_http_request_duration_seconds_bucket{le="0.1",app="waiting-room",method="GET",route="/sales/:sale/ticket",status="200"} ${over.fast + over.slow}
floodgate_http_request_duration_seconds_bucket{le="+Inf",app="waiting-room",method="GET",route="/sales/:sale/ticket",status="200"} ${over.fast + over.slow}
floodgate_http_request_duration_seconds_count{app="waiting-room",method="GET",route="/sales/:sale/ticket",status="200"} ${over.fast + over.slow}
floodgate_http_request_duration_seconds_count{app="waiting-room",method="GET",route="/sales/:sale/ticket",status="503"} ${over.slow}
floodgate_tick_duration_seconds_bucket{le="0.001",app="waiting-room"} ${over.ticks}
floodgate_tick_duration_seconds_bucket{le="+Inf",app="waiting-room"} ${over.ticks}
`

it('computes the difference between two scrapes', () => {
  const before = readExposition(exposition({ fast: 1_000, slow: 0, ticks: 10 }))
  const now = readExposition(exposition({ fast: 1_000, slow: 50, ticks: 20 }))
  const sample = appSample('waiting room', before, now)
  expect(sample).toMatchObject({ app: 'waiting room', loopUtilization: 0.93, serverErrors: 50 })
  expect(sample?.p95Ms).toBeGreaterThan(10)
  expect(sample?.tickP95Ms).toBeLessThanOrEqual(1)
})

it('does not compare scrapes of different processes', () => {
  const one = readExposition(exposition({ process: 1, fast: 1, slow: 0, ticks: 1 }))
  const other = readExposition(exposition({ process: 2, fast: 1, slow: 0, ticks: 1 }))
  expect(appSample('waiting room', one, other)).toBeUndefined()
  expect(appSample('waiting room', undefined, one)).toBeUndefined()
})
