import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { repository } from '../system/index.ts'

it('no file has the markers of a merge that was not finished', () => {
  const found = spawnSync('git', ['grep', '-nE', '^(<<<<<<<|>>>>>>>) '], { cwd: repository, encoding: 'utf8' })
  expect(found.stdout).toBe('')
})
