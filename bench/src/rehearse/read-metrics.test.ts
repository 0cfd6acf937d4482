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

const worker = (waited: number, limited: number) => `
process_start_time_seconds{app="payment-worker"} 100
floodgate_provider_limited_total{app="payment-worker"} ${limited}
floodgate_provider_pace_wait_seconds_bucket{le="0.5",app="payment-worker",lane="charge"} 0
floodgate_provider_pace_wait_seconds_bucket{le="1",app="payment-worker",lane="charge"} ${waited}
floodgate_provider_pace_wait_seconds_bucket{le="+Inf",app="payment-worker",lane="charge"} ${waited}
floodgate_provider_pace_wait_seconds_bucket{le="0.5",app="payment-worker",lane="rest"} 900
floodgate_provider_pace_wait_seconds_bucket{le="+Inf",app="payment-worker",lane="rest"} 900
`

it('reads how long charges waited for the rate of the provider, and how many calls it rejected', () => {
  const sample = appSample('payment worker', readExposition(worker(0, 2)), readExposition(worker(60, 5)))
  expect(sample).toMatchObject({ limitedCalls: 3 })
  expect(sample?.paceP95Ms).toBeGreaterThan(500)
  const quiet = appSample('payment worker', readExposition(worker(60, 5)), readExposition(worker(60, 5)))
  expect(quiet).toMatchObject({ limitedCalls: 0 })
  expect(quiet).not.toHaveProperty('paceP95Ms')
})
