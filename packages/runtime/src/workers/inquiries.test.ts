import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createInquiries, type Inquiries } from './inquiries.ts'

const ready = { ready: true, degraded: [], checks: {} }

describe('a question to all workers', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  const answering = (inquiries: Inquiries, number: number) => ({
    number,
    ask: (id: number) => inquiries.answered(number, id, ready),
  })
  const silent = (number: number) => ({ number, ask: () => undefined })

  it('is answered as soon as all have answered', async () => {
    const inquiries = createInquiries()
    const workers = [answering(inquiries, 1), answering(inquiries, 2)]
    expect(await inquiries.gather('readiness', workers, 1_000)).toEqual([
      { worker: 1, state: 'answering', body: ready },
      { worker: 2, state: 'answering', body: ready },
    ])
  })

  it('leaves out who says nothing in time and who is down', async () => {
    const inquiries = createInquiries()
    const gathered = inquiries.gather('readiness', [silent(1), answering(inquiries, 2), { number: 3 }], 1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await gathered).toEqual([
      { worker: 1, state: 'silent' },
      { worker: 2, state: 'answering', body: ready },
      { worker: 3, state: 'down' },
    ])
  })

  it('does not wait for a worker that dies meanwhile', async () => {
    const inquiries = createInquiries()
    const gathered = inquiries.gather('readiness', [silent(1), answering(inquiries, 2)], 1_000)
    inquiries.gone(1)
    expect(await gathered).toMatchObject([{ state: 'down' }, { state: 'answering' }])
  })

  it('is over when nobody is there', async () => {
    expect(await createInquiries().gather('metrics', [{ number: 1 }], 1_000)).toEqual([{ worker: 1, state: 'down' }])
  })

  it('does not take an answer that comes too late for another question', async () => {
    const inquiries = createInquiries()
    const ids: number[] = []
    const slow = { number: 1, ask: (id: number) => void ids.push(id) }
    const first = inquiries.gather('readiness', [slow], 1_000)
    await vi.advanceTimersByTimeAsync(1_000)
    await first
    const second = inquiries.gather('readiness', [slow], 1_000)
    inquiries.answered(1, ids[0] ?? 0, ready)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(await second).toEqual([{ worker: 1, state: 'silent' }])
  })
})
