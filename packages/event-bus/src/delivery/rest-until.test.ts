import { test } from 'vitest'
import { restUntil } from './rest-until.ts'

const never = new AbortController().signal

test('a moment that is over is not waited for', async () => {
  await restUntil(performance.now() - 1_000, never)
})

test('an abort ends the rest, before it and in its midst', async () => {
  const farOff = performance.now() + 2 ** 30
  const stopping = new AbortController()
  const resting = restUntil(farOff, stopping.signal)
  stopping.abort()
  await resting
  await restUntil(farOff, stopping.signal)
})
