import { expect, test } from 'vitest'
import { parts, selectParts } from './parts.ts'
import { closingReport } from './report.ts'

test('without names every part runs, in order', () => {
  expect(selectParts([])).toEqual({ kind: 'parts', parts })
})

test('an unknown name is an error, whatever the other names', () => {
  expect(selectParts(['unit', 'units'])).toEqual({ kind: 'unknown', names: ['units'] })
})

const unit = {
  name: 'unit',
  passed: 7,
  failed: 1,
  failures: ['apps/a.test.ts: it holds: 1 is not 2'],
  seconds: 2,
  note: '',
}

test('the totals stand alone in the last line', () => {
  expect(closingReport([unit], []).split('\n').at(-1)).toBe('7 passed, 1 failed')
})

test('failures are repeated at the end', () => {
  expect(closingReport([unit], [])).toContain('What failed:\n✗ apps/a.test.ts: it holds: 1 is not 2\n')
  const lines = { ...unit, failures: ['apps/a.test.ts: it died:\nits last output'] }
  expect(closingReport([lines], [])).toContain('✗ apps/a.test.ts: it died:\n    its last output\n')
  expect(closingReport([{ ...unit, failed: 0, failures: [] }], [])).not.toContain('What failed')
})

test('an unavailable part fails only when it is required', () => {
  const leftOut = { part: 'conformance', need: 'kafka', why: 'Kafka needs Java.' } as const
  expect(closingReport([unit], [{ ...leftOut, required: false }])).toMatch(/7 passed, 1 failed$/)
  const required = closingReport([unit], [{ ...leftOut, required: true }])
  expect(required).toMatch(/7 passed, 2 failed$/)
  expect(required).toContain('Kafka needs Java.')
})
