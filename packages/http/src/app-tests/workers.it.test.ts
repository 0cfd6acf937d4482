import { type Readiness, readiness } from '@floodgate/contracts'
import { afterEach, describe, expect, it } from 'vitest'
import { runTiny, type TinyRun } from './testing/run-tiny.ts'

let running: TinyRun | undefined
const run = (environment: Readonly<Record<string, string>>): TinyRun => {
  running = runTiny(environment)
  return running
}
afterEach(async () => {
  running?.signalGroup('SIGKILL')
  await running?.ended
})

/** Sends each request on its own connection, so that any worker may get it. */
const ask = async (url: string, path: string, method = 'GET') =>
  fetch(`${url}${path}`, { method, headers: { connection: 'close' } })
const readinessOf = async (url: string): Promise<Readiness> => readiness.parse(await (await ask(url, '/readyz')).json())
const metricsOf = async (url: string): Promise<string> => (await ask(url, '/metrics')).text()

const startTwo = async (environment: Readonly<Record<string, string>> = {}) => {
  const tiny = run({ WORKERS: '2', ...environment })
  const [listening] = await tiny.lines('listening', 2)
  const started = await tiny.lines('worker started', 2)
  return {
    tiny,
    url: listening?.url ?? '',
    opsUrl: listening?.opsUrl ?? '',
    pids: started.map(({ workerPid }) => workerPid ?? 0),
  }
}

describe('two workers', () => {
  it('serve one port, and report for each other', async () => {
    const { tiny, url, opsUrl, pids } = await startTwo()
    const visits = Array.from({ length: 50 }, async () => (await ask(url, '/visits', 'POST')).json())
    for (const { pid } of (await Promise.all(visits)) as { pid: number }[]) expect(pids).toContain(pid)
    expect(await readinessOf(opsUrl)).toEqual({
      ready: true,
      degraded: [],
      checks: { workers: { ready: true }, disk: { ready: true } },
    })
    const text = await metricsOf(opsUrl)
    expect(text).toContain('visits_total{app="tiny"} 50\n')
    expect(text).toContain('floodgate_workers{state="answering",app="tiny"} 2\n')
    expect(text).toMatch(/^floodgate_http_request_duration_seconds_count\{.*route="\/visits".*\} 50$/m)
    const lines = await tiny.lines('listening', 2)
    expect(lines.map(({ worker }) => worker).toSorted()).toEqual([1, 2])
    expect(new Set(lines.map((line) => line.url))).toHaveLength(1)
    expect(new Set(lines.map((line) => line.opsUrl))).toHaveLength(1)
  })

  it('report a dead worker as missing, then two again', async () => {
    const { tiny, url, opsUrl, pids } = await startTwo()
    process.kill(pids[0] ?? 0, 'SIGKILL')
    const [death] = await tiny.lines('worker died')
    expect(death).toMatchObject({ workerPid: pids[0], signal: 'SIGKILL', restartInMs: 1_000 })
    const meanwhile = await ask(opsUrl, '/readyz')
    expect(meanwhile.status).toBe(200)
    expect(readiness.parse(await meanwhile.json())).toMatchObject({
      ready: true,
      degraded: ['workers'],
      checks: { workers: { ready: false, detail: `1 of 2 respond: worker ${death?.worker} is down` } },
    })
    expect((await ask(url, '/livez')).status).toBe(200)
    expect(await metricsOf(opsUrl)).toContain('floodgate_worker_deaths_total{app="tiny"} 1\n')
    const [, , back] = await tiny.lines('worker started', 3)
    expect(back?.worker).toBe(death?.worker)
    expect(await readinessOf(opsUrl)).toMatchObject({ ready: true, degraded: [] })
  })

  it('report a worker that hangs as unresponsive, not as dead', async () => {
    const { opsUrl, pids } = await startTwo()
    const [stalled = 0] = pids
    process.kill(stalled, 'SIGSTOP')
    // The kernel still gives the stalled worker its share: at least one of twenty requests reaches the other worker.
    const either = <Value>(look: () => Promise<Value>) => Promise.any(Array.from({ length: 20 }, look))
    expect(await either(() => metricsOf(opsUrl))).toMatch(/^floodgate_workers\{state="silent",app="tiny"\} 1$/m)
    expect((await either(() => readinessOf(opsUrl))).checks.workers?.detail).toMatch(
      /^1 of 2 respond: worker \d is silent$/,
    )
  })

  it('stop in order on SIGTERM', async () => {
    const { tiny } = await startTwo()
    tiny.signal('SIGTERM')
    expect(await tiny.ended).toEqual({ code: 0, signal: null })
    expect((await tiny.lines('stopped', 3)).map(({ worker }) => worker ?? 0).toSorted()).toEqual([0, 1, 2])
  })

  it('treat a Ctrl-C, which reaches all processes, as one signal', async () => {
    const { tiny } = await startTwo()
    tiny.signalGroup('SIGINT')
    expect(await tiny.ended).toEqual({ code: 0, signal: null })
  })

  it('that do not stop are killed at a second signal', async () => {
    const { tiny } = await startTwo({ TROUBLE: 'stop' })
    tiny.signal('SIGTERM')
    await tiny.lines('stopping', 3)
    tiny.signal('SIGTERM')
    expect(await tiny.ended).toEqual({ code: 1, signal: null })
  })

  it('that do not stop in time make the exit code 1', async () => {
    const { tiny } = await startTwo({ TROUBLE: 'stop', SHUTDOWN_SECONDS: '1' })
    tiny.signal('SIGTERM')
    expect(await tiny.ended).toEqual({ code: 1, signal: null })
  })

  it('end when their primary ends', async () => {
    const { tiny } = await startTwo()
    tiny.signal('SIGKILL')
    expect(await tiny.ended).toEqual({ code: null, signal: 'SIGKILL' })
  })

  it('that reject their configuration end the app with 78, and report it once', async () => {
    const tiny = run({ WORKERS: '2', TROUBLE: 'configuration' })
    expect(await tiny.ended).toEqual({ code: 78, signal: null })
    expect(tiny.stderr().split('unusable keys')).toHaveLength(2)
  })

  it('that cannot start end the app', async () => {
    const tiny = run({ WORKERS: '2', TROUBLE: 'start' })
    expect(await tiny.ended).toEqual({ code: 1, signal: null })
  })

  it('do not start on a port that is taken', async () => {
    const { url } = await startTwo()
    const first = running
    const second = run({ WORKERS: '2', PORT: new URL(url).port })
    expect(await second.ended).toEqual({ code: 1, signal: null })
    running = first
  })

  it('reject an unknown fail point before they are started', async () => {
    const tiny = run({ WORKERS: '2', FAIL_POINTS: 'after-lunch=kill' })
    expect(await tiny.ended).toEqual({ code: 78, signal: null })
    expect(tiny.stderr().split('after-lunch')).toHaveLength(2)
  })
})

it.each([
  ['1', 'endless-start', 'listening', 'signal'],
  ['2', 'endless-start', 'listening', 'signal'],
  ['2', 'endless-start', 'listening', 'signalGroup'],
  ['1', 'slow-create', 'creating', 'signal'],
  ['2', 'slow-create', 'creating', 'signal'],
] as const)(
  '%s process(es) told to stop during their start (%s) stop in order',
  async (workers, trouble, message, how) => {
    const tiny = run({ WORKERS: workers, TROUBLE: trouble })
    await tiny.lines(message, Number(workers))
    tiny[how](how === 'signal' ? 'SIGTERM' : 'SIGINT')
    expect(await tiny.ended).toEqual({ code: 0, signal: null })
  },
)

it('two workers that have just been forked handle a Ctrl-C like the others', async () => {
  const tiny = run({ WORKERS: '2', TROUBLE: 'slow-create' })
  await tiny.lines('creating')
  tiny.signalGroup('SIGINT')
  expect(await tiny.ended).toEqual({ code: 0, signal: null })
})

describe('one worker', () => {
  it('is the process itself', async () => {
    const tiny = run({ WORKERS: '1' })
    const [listening] = await tiny.lines('listening')
    expect(listening).toMatchObject({ pid: tiny.pid })
    expect(listening).not.toHaveProperty('worker')
    const response = await readinessOf(listening?.opsUrl ?? '')
    expect(response).toEqual({ ready: true, degraded: [], checks: { disk: { ready: true } } })
    tiny.signal('SIGTERM')
    expect(await tiny.ended).toEqual({ code: 0, signal: null })
  })
})
