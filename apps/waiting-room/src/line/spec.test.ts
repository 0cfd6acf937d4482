import { existsSync, readFileSync } from 'node:fs'
import { logEntry } from '@floodgate/contracts'
import { expect, it } from 'vitest'

const here = new URL('./SPEC.md', import.meta.url)
const spec = readFileSync(here, 'utf8')
const links = [...new Set([...spec.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path))]

it.each(links)('SPEC.md names a file that exists: %s', (path) => {
  expect(existsSync(new URL(path, here))).toBe(true)
})

it('SPEC.md has a place and a test for every invariant', () => {
  const invariants = spec.match(/^\| L\d+ .*$/gm) ?? []
  expect(invariants.length).toBeGreaterThan(0)
  for (const row of invariants) expect(row).toMatch(/^\| L\d+ \| .+ \| .+ \| \[.+\.test\.ts\]\(.+\) \|$/)
})

it.each(logEntry.shape.kind.options)('SPEC.md names the log entry %s', (kind) => {
  expect(/## Events in the log\n(.*?)\n## /s.exec(spec)?.[1]).toContain(`\`${kind}\``)
})
