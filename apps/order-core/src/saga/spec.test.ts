import { existsSync, readFileSync } from 'node:fs'
import { orderStatus } from '@floodgate/contracts'
import { expect, it } from 'vitest'
import { orderFacts } from '../order/decide.ts'

const REPOSITORY = new URL('../../../../', import.meta.url)
const OUTSIDE = /^(stories|apps|docs|packages)\//
const spec = readFileSync(new URL('./SPEC.md', import.meta.url), 'utf8')

const fileOf = (path: string) => new URL(OUTSIDE.test(path) ? path : `apps/order-core/src/${path}`, REPOSITORY)

const paths = [...new Set([...spec.matchAll(/`([\w./-]+\/[\w./-]+)`/g)].map(([, path = '']) => path))]
const tests = [...spec.matchAll(/`([\w./-]+\.test\.ts)`: "([^"]+)"/g)].map(([, path = '', title = '']) => ({
  path,
  title,
}))

it.each(paths.filter((path) => !path.startsWith('/')))('SPEC.md names a file that exists: %s', (path) => {
  expect(existsSync(fileOf(path))).toBe(true)
})

it.each(tests)('SPEC.md names a test that exists: $title', ({ path, title }) => {
  expect(readFileSync(fileOf(path), 'utf8')).toContain(title)
})

it('SPEC.md has a place and a test for every invariant', () => {
  const invariants = spec.match(/^\| I\d+ .*$/gm) ?? []
  expect(invariants.length).toBeGreaterThan(0)
  expect(tests).toHaveLength(invariants.length)
  for (const row of invariants) expect(row).toMatch(/^\| I\d+ \| .+ \| .+ \| `.+\.test\.ts`: ".+" \|$/)
})

it('SPEC.md shows every state and every fact of the table', () => {
  for (const name of [...orderFacts, ...orderStatus.options]) expect(spec).toContain(`\`${name}\``)
})
