import { expect, it } from 'vitest'
import { complaintOf, createComplaints } from './complaints.ts'
import { k6Faults } from './k6-faults.ts'
import { parseK6Progress } from './k6-progress.ts'
import { readK6Summary } from './k6-summary.ts'
import { hardOpenFiles } from './run-k6.ts'

const times = { count: 10, med: 1, 'p(95)': 2, 'p(99)': 3, max: 4, avg: 1 }
const summary = (more: object = {}, fails = 0): string =>
  JSON.stringify({
    metrics: {
      http_req_duration: { type: 'trend', contains: 'time', values: times },
      'http_req_duration{name:join}': { type: 'trend', values: times, thresholds: {} },
      'http_req_duration{name:board}': { type: 'trend', values: { ...times, count: 0 } },
      iterations: { type: 'counter', values: { count: 5, rate: 1 } },
      ...more,
    },
    root_group: { name: '', checks: [{ name: 'join', path: '::join', passes: 5, fails }] },
    state: { testRunDurationMs: 2_000, isStdOutTTY: false },
  })
const reportOf = (json: string) => ({ ...readK6Summary(json), complaints: [], cpuSeconds: 0 })
const counter = (count: number) => ({ type: 'counter', values: { count, rate: 1 } })

it('parses the line of progress', () => {
  const line = 'running (0m03.0s), 0058/0060 VUs, 12 complete and 1 interrupted iterations'
  expect(parseK6Progress(line)).toEqual({ users: 58, usersMax: 60, done: 12, interrupted: 1 })
  expect(parseK6Progress('buyers   [  10% ] 60 VUs')).toBeUndefined()
})

it('reads times by the names of requests that were made', () => {
  const read = readK6Summary(summary())
  expect([...read.byName.keys()]).toEqual(['join'])
  expect(read.all).toEqual({ count: 10, meanMs: 1, medianMs: 1, p95Ms: 2, p99Ms: 3, maxMs: 4 })
})

it('finds no fault when all users finished', () => {
  expect(k6Faults(reportOf(summary()), { iterations: 5 })).toEqual([])
})

it.each([
  ['a dropped arrival', summary({ dropped_iterations: counter(3) }), /3 arrivals were dropped/],
  ['a missing response', summary({ unanswered: counter(1) }), /1 requests got no response/],
  ['a failure of the server', summary({ server_errors: counter(2) }), /2 responses were 5xx/],
  ['a check that failed', summary({}, 4), /check "join" failed 4 times/],
  ['a lost buyer', summary({ visits_lost: counter(1) }), /1 visits ended as lost/],
])('finds %s', (_, json, fault) => {
  expect(k6Faults(reportOf(json), { iterations: 5 }).join('\n')).toMatch(fault)
})

it('accepts dropped arrivals, and no other fault, in a small run', () => {
  const dropped = reportOf(summary({ dropped_iterations: counter(3) }))
  expect(k6Faults(dropped, { iterations: 5, small: true })).toEqual([])
  expect(k6Faults(reportOf(summary({ unanswered: counter(1) })), { small: true })).not.toEqual([])
})

it('finds users that never finished', () => {
  expect(k6Faults(reportOf(summary()), { iterations: 6 })).toEqual(['5 of 6 users finished'])
})

it('reads the hard limit of open files', () => {
  expect(hardOpenFiles('Max open files            1024                 20000                files \n')).toBe(20_000)
  expect(hardOpenFiles('Max open files            1024                 unlimited            files \n')).toBe(Infinity)
})

it('lists k6’s warnings, each kind once', () => {
  const complaints = createComplaints()
  const line = (port: number) =>
    `time="2026-01-01T00:00:00Z" level=warning msg="Request Failed" error="Post \\"http://127.0.0.1:${port}/x\\": EOF"`
  complaints.note(line(4_001))
  complaints.note(line(4_002))
  complaints.note('running (0m03.0s), 0058/0060 VUs, 12 complete and 1 interrupted iterations')
  expect(complaints.told()).toEqual(['k6 says 2 times: Request Failed: Post "http://….….….…:…/x": EOF'])
  expect(complaintOf('level=info msg="nothing"')).toBeUndefined()
})
