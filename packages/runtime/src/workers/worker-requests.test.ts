import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createWorkerRequests, type Patience, type WorkerRequests } from './worker-requests.ts'

const ready = { ready: true, degraded: [], checks: {} }

describe('a query to all workers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const replying = (workerRequests: WorkerRequests, number: number) => ({
    number,
    ask: (id: number) => workerRequests.replied(number, id, ready),
  })
  const silent = (number: number) => ({ number, ask: () => undefined })

  it('ends as soon as all workers have replied', async () => {
    const workerRequests = createWorkerRequests()
    const workers = [replying(workerRequests, 1), replying(workerRequests, 2)]
    expect(await workerRequests.gather('readiness', workers, { withinMs: 1_000 })).toEqual([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'answering', body: ready },
    ])
  })

  it('leaves out workers that are silent or down', async () => {
    const workerRequests = createWorkerRequests()
    const gathered = workerRequests.gather('readiness', [silent(1), replying(workerRequests, 2), { number: 3 }], {
      withinMs: 1_000,
    })
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await gathered).toEqual([
      { worker: 1, state: 'silent' },
      { worker: 2, state: 'answering', body: ready },
      { worker: 3, state: 'down' },
    ])
  })

  it('does not wait for a worker that dies meanwhile', async () => {
    const workerRequests = createWorkerRequests()
    const gathered = workerRequests.gather('readiness', [silent(1), replying(workerRequests, 2)], { withinMs: 1_000 })
    workerRequests.gone(1)
    expect(await gathered).toMatchObject([{ state: 'down' }, { state: 'answering' }])
  })

  it('ends early with a sufficient reply, whichever workers are silent', async () => {
    const workerRequests = createWorkerRequests()
    const patience: Patience = {
      withinMs: 2_500,
      enough: { afterMs: 800, is: (body) => 'ready' in body && body.ready },
    }
    const gathered = workerRequests.gather('readiness', [silent(1), replying(workerRequests, 2)], patience)
    await vi.advanceTimersByTimeAsync(799)
    expect(await Promise.race([gathered, 'not yet'])).toBe('not yet')
    await vi.advanceTimersByTimeAsync(1)
    expect(await gathered).toMatchObject([{ state: 'silent' }, { state: 'answering' }])
    // No worker is ready before that: the first ready one ends the wait.
    const ids: number[] = []
    const late = { number: 2, ask: (id: number) => void ids.push(id) }
    const waiting = workerRequests.gather('readiness', [silent(1), late], patience)
    await vi.advanceTimersByTimeAsync(1_500)
    workerRequests.replied(2, ids[0] ?? 0, ready)
    expect(await waiting).toMatchObject([{ state: 'silent' }, { state: 'answering' }])
  })

  it('ends at once when no worker is up', async () => {
    expect(await createWorkerRequests().gather('metrics', [{ number: 1 }], { withinMs: 1_000 })).toEqual([
      { worker: 1, state: 'down' },
    ])
  })

  it('does not use a late reply for another query', async () => {
    const workerRequests = createWorkerRequests()
    const ids: number[] = []
    const slow = { number: 1, ask: (id: number) => void ids.push(id) }
    const first = workerRequests.gather('readiness', [slow], { withinMs: 1_000 })
    await vi.advanceTimersByTimeAsync(1_000)
    await first
    const second = workerRequests.gather('readiness', [slow], { withinMs: 1_000 })
    workerRequests.replied(1, ids[0] ?? 0, ready)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await second).toEqual([{ worker: 1, state: 'silent' }])
  })
})
