import type { ProcessExit } from '@floodgate/processes'
import { beforeEach, expect, test, vi } from 'vitest'
import { type Kept, keepAlive, type Life } from './keep-alive.ts'
import type { Death, GivingUp } from './types.ts'

type TestLife = Life & { die(exit: ProcessExit): Promise<void> }

const lives: TestLife[] = []
const deaths: Death[] = []
const givenUp: GivingUp[] = []

beforeEach(() => {
  for (const list of [lives, deaths, givenUp]) list.length = 0
  vi.useFakeTimers()
  return () => vi.useRealTimers()
})

function beginLife(): TestLife {
  const exited = Promise.withResolvers<ProcessExit>()
  const die = async (exit: ProcessExit): Promise<void> => {
    exited.resolve(exit)
    await exited.promise
  }
  const life = {
    pid: 1_000 + lives.length,
    exited: exited.promise,
    lastLines: () => ['its last words'],
    stop: () => die({ code: 0, signal: null }),
    kill: () => die({ code: null, signal: 'SIGKILL' }),
    die,
  }
  lives.push(life)
  return life
}

async function started(): Promise<Kept> {
  const kept = keepAlive({
    name: 'order-core',
    launch: async () => beginLife(),
    onStarted: () => undefined,
    onDied: (death) => deaths.push(death),
    onGaveUp: (end) => givenUp.push(end),
  })
  await kept.start()
  return kept
}

const crashed: ProcessExit = { code: 1, signal: null }

test('a process that dies is started again', async () => {
  const kept = await started()
  await lives[0]?.die(crashed)
  await vi.advanceTimersByTimeAsync(100)
  expect(kept.pid()).toBe(1_001)
  expect(deaths).toHaveLength(1)
})

test('a kill on purpose is no death, and the process comes back', async () => {
  const kept = await started()
  await kept.kill()
  await vi.advanceTimersByTimeAsync(0)
  expect(kept.pid()).toBe(1_001)
  expect(deaths).toEqual([])
})

test('a stopped process stays down until it is started', async () => {
  const kept = await started()
  await kept.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(kept.pid()).toBeUndefined()
  await kept.start()
  expect(kept.pid()).toBe(1_001)
})

test('a stop while it waits for its restart ends the waiting', async () => {
  const kept = await started()
  await lives[0]?.die(crashed)
  await kept.stop()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(lives).toHaveLength(1)
})

test('nothing runs while a crash lasts', async () => {
  const kept = await started()
  const pidsWhileDown: (number | undefined)[] = []
  await kept.crash(async () => void pidsWhileDown.push(kept.pid()))
  expect(pidsWhileDown).toEqual([undefined])
  expect(kept.pid()).toBe(1_001)
})

test('five deaths in half a minute end it, with its last words', async () => {
  const kept = await started()
  for (let death = 0; death < 5; death += 1) {
    await lives.at(-1)?.die(crashed)
    await vi.advanceTimersByTimeAsync(2_000)
  }
  expect(kept.pid()).toBeUndefined()
  expect(givenUp).toEqual([
    { name: 'order-core', exit: crashed, reason: 'too-many-deaths', lastLines: ['its last words'] },
  ])
})
