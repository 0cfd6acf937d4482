import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { pageTexts } from './gate/page.ts'
import { readPrograms } from './testing/readme.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

// package.it.test.ts compiles and runs the package's own programs.
it('the front page shows a program that is tested', () => {
  expect(readPrograms().map(({ text }) => text)).toContain(readPrograms('../../../../README.md')[0]?.text)
})

it('the README has a program for every adapter, of at most fourteen lines', () => {
  const adapters = readdirSync(new URL('adapters', import.meta.url)).filter((file) => file !== 'shared.ts')
  const programs = readPrograms()
  expect(programs.map(({ framework }) => `${framework}.ts`).toSorted()).toEqual(adapters.toSorted())
  for (const { text } of programs) expect(text.split('\n').length).toBeLessThanOrEqual(14)
})

it('the README names every option', () => {
  const [options = '', cookie = ''] = read('gate/options.ts').split('const COOKIE_CHECKS')
  const namesIn = (text: string) => [...text.matchAll(/^ {2}(\w+): \[/gm)].map(([, name = '']) => name)
  const names = [...namesIn(options), ...namesIn(cookie).map((name) => `cookie.${name}`)]
  expect(names.length).toBeGreaterThan(20)
  const readme = read('../README.md')
  // The clock and the way to the network are for tests.
  const missing = names.filter((name) => !readme.includes(`\`${name}`) && !['now', 'fetch'].includes(name))
  expect(missing).toEqual([])
})

it('texts of the pages in the shop are in docs/if-a-buyer-says.md', () => {
  const support = read('../../../docs/if-a-buyer-says.md').replaceAll(/\s+/g, ' ')
  for (const text of pageTexts()) expect(support).toContain(text)
})
