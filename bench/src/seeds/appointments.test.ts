import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAppointments } from './appointments.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('whoever comes first, the waiter or the arrival, they meet', async () => {
  const { arrive, wait } = createAppointments()
  const early = wait('early', 1_000)
  arrive('early')
  await early
  arrive('late')
  await wait('late', 1_000)
})

it('a wait without an arrival ends, and disturbs no later one', async () => {
  const { arrive, wait } = createAppointments()
  const never = expect(wait('never', 1_000)).rejects.toThrow('never did not arrive within 1000 ms.')
  await vi.advanceTimersByTimeAsync(1_000)
  await never
  const other = wait('other', 1_000)
  arrive('other')
  await other
})
