import { expect, it } from 'vitest'
import { createSamples } from '../conformance/sample-events.ts'
import { createGate } from '../delivery/gate.ts'
import { replay } from './replay.ts'

it('a replay whose failures cannot be counted still reports the outcome of each letter', async () => {
  const warnings: object[] = []
  const log = { info: () => undefined, warn: (fields: object) => void warnings.push(fields), error: () => undefined }
  const letters = createSamples()
    .events(['a'], 2)
    .map(({ key, headers, value }, index) => ({ id: String(index), key, headers, value, replays: 0 }))
  const outcomes = await replay(letters, {
    options: {
      group: 'g',
      topics: ['floodgate.sales'],
      async handle(batch) {
        if (batch.some(({ id }) => id === 'a#1')) throw new RangeError('a#1 is broken')
      },
    },
    gate: createGate(),
    signal: AbortSignal.timeout(60_000),
    log,
    store: {
      page: async () => letters,
      find: async () => letters,
      remove: async (ids) => ids,
      noteFailures: async () => Promise.reject(new Error('the bus is unavailable')),
      count: async () => letters.length,
    },
  })
  expect(outcomes).toEqual([
    { id: '0', kind: 'failed', reason: 'RangeError: a#1 is broken' },
    { id: '1', kind: 'handled' },
  ])
  expect(warnings).toEqual([{ group: 'g', letters: 1, error: 'Error: the bus is unavailable' }])
})
