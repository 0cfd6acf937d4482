import { beforeEach, expect, test, vi } from 'vitest'
import { SYSTEM_RESTARTS } from './restart-policy.ts'
import type { ProcessExit } from './spawn-owned.ts'
import { type Death, type PermanentFailure, type Run, type Supervised, supervise } from './supervise.ts'

type TestRun = Run & { die(exit: ProcessExit): Promise<void> }

const runs: TestRun[] = []
const deaths: Death[] = []
const givenUp: PermanentFailure[] = []

beforeEach(() => {
  for (const list of [runs, deaths, givenUp]) list.length = 0
  vi.useFakeTimers()
  return function restoreClock() {
    vi.useRealTimers()
  }
})

function beginRun(): TestRun {
  const exited = Promise.withResolvers<ProcessExit>()
  const die = async (exit: ProcessExit): Promise<void> => {
    exited.resolve(exit)
    await exited.promise
  }
  const run = {
    pid: 1_000 + runs.length,
    exited: exited.promise,
    lastLines: () => ['its last words'],
    stop: () => die({ code: 0, signal: null }),
    kill: () => die({ code: null, signal: 'SIGKILL' }),
    die,
  }
  runs.push(run)
  return run
}

async function started(): Promise<Supervised> {
  const supervised = supervise({
    name: 'order-core',
    policy: SYSTEM_RESTARTS,
    launch: async () => beginRun(),
    onStarted: () => undefined,
    onDied: (death) => deaths.push(death),
    onGaveUp: (end) => givenUp.push(end),
  })
  await supervised.start()
  return supervised
}

const crashed: ProcessExit = { code: 1, signal: null }

test('a process that dies is restarted', async () => {
  const supervised = await started()
  await runs[0]?.die(crashed)
  await vi.advanceTimersByTimeAsync(100)
  expect(supervised.pid()).toBe(1_001)
  expect(deaths).toHaveLength(1)
})

test('a deliberate kill does not count as a death, and the process is restarted', async () => {
  const supervised = await started()
  await supervised.kill()
  await vi.advanceTimersByTimeAsync(0)
  expect(supervised.pid()).toBe(1_001)
  expect(deaths).toEqual([])
})

test('a stopped process stays down until it is started', async () => {
  const supervised = await started()
  await supervised.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(supervised.pid()).toBeUndefined()
  await supervised.start()
  expect(supervised.pid()).toBe(1_001)
})

test('a stop cancels a pending restart', async () => {
  const supervised = await started()
  await runs[0]?.die(crashed)
  await supervised.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(runs).toHaveLength(1)
})

test('nothing runs during a crash', async () => {
  const supervised = await started()
  const pidsWhileDown: (number | undefined)[] = []
  await supervised.crash(async () => void pidsWhileDown.push(supervised.pid()))
  expect(pidsWhileDown).toEqual([undefined])
  expect(supervised.pid()).toBe(1_001)
})

test('five deaths in half a minute end the supervision, with the last output', async () => {
  const supervised = await started()
  for (let death = 0; death < 5; death += 1) {
    await runs.at(-1)?.die(crashed)
    await vi.advanceTimersByTimeAsync(2_000)
  }
  expect(supervised.pid()).toBeUndefined()
  expect(givenUp).toEqual([
    { name: 'order-core', exit: crashed, reason: 'too-many-deaths', lastLines: ['its last words'] },
  ])
})
