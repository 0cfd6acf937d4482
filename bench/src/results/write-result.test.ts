import { expect, it } from 'vitest'
import type { BenchResult } from '../bench.ts'
import { resultPage } from './write-result.ts'

const conditions = {
  at: '2026-11-21T08:00:00.000Z',
  commit: 'abc1234',
  cores: 2,
  cpu: 'a processor',
  memoryGib: 24,
  node: 'v24.0.0',
  loadBefore: 0.25,
  calibration: 400_000,
}
const result: BenchResult = {
  title: 'A title',
  thresholds: [{ what: 'board', threshold: '≥ 0.9', measured: '0.85', reached: false, kind: 'ratio' }],
  faults: [],
  markdown: 'What was seen.',
  details: {},
}

it('contains its command, thresholds and conditions', () => {
  const page = resultPage('line', conditions, result)
  expect(page).toContain('# A title\n\n`npm run bench -- line`\n\n| what | threshold |')
  expect(page).toContain('| board | ≥ 0.9 | 0.85 | **no** |')
  expect(page).not.toContain('does not count')
  expect(page.trimEnd().endsWith('Commit abc1234, 2026-11-21.')).toBe(true)
})

it('states faults first, and shows the plot', () => {
  const page = resultPage('line', conditions, { ...result, faults: ['3 failed responses'], plot: '<svg/>' })
  expect(page.indexOf('**This run does not count:**\n\n- 3 failed responses')).toBeLessThan(page.indexOf('| board |'))
  expect(page).toContain('![A title](line.svg)')
})
