import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '@floodgate/dev/system'
import { expect, it } from 'vitest'
import { benches } from '../benches.ts'
import { parseCommand } from '../cli/parse-command.ts'

const FOLDER = join(repository, 'docs/coming-from')
const read = (path: string): string => readFileSync(join(repository, path), 'utf8')
const pages = readdirSync(FOLDER).map((name) => ({ name, text: read(`docs/coming-from/${name}`) }))
const foundIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found = '']) => found)

/** Returns the anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

const isThere = (link: string): boolean => {
  const [path = '', anchor] = link.split('#')
  const target = join(FOLDER, path)
  if (!existsSync(target)) return false
  if (anchor === undefined) return true
  return foundIn(readFileSync(target, 'utf8'), /^#+ (.+)$/gm).some((heading) => anchorOf(heading) === anchor)
}

it.each(pages)('coming from a shop, $name: its links and paths lead somewhere', ({ text }) => {
  expect(foundIn(text, /\]\(([^)]+)\)/g).filter((link) => !isThere(link))).toEqual([])
  const paths = foundIn(text, /`((?:apps|packages|bench|docs|prisma|examples)\/[\w./-]+)`/g)
  expect(paths.filter((path) => !existsSync(join(repository, path)))).toEqual([])
})

it.each(pages)('coming from a shop, $name: its commands, routes and settings exist', ({ text }) => {
  const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts)
  expect(foundIn(text, /npm run (?:--silent )?([\w-]+)/g).filter((name) => !scripts.includes(name))).toEqual([])
  const commands = foundIn(text, /npm run bench -- ([^`\n]+)/g).map((line) => parseCommand(benches, line.split(' ')))
  expect(commands.filter(({ kind }) => kind !== 'run')).toEqual([])
  const operator = read('docs/operator-command.md')
  const acts = foundIn(text, /floodgate (?:-- )?((?:sales|stock|dead-letters|money|orders) [a-z]+)/g)
  expect(acts.filter((act) => !operator.includes(`\`floodgate ${act}`))).toEqual([])
  const routes = foundIn(text, /`((?:GET|PUT|POST|DELETE) \/[^`]+)`/g)
  expect(routes.filter((route) => !declared.has(route))).toEqual([])
  const readme = read('README.md')
  expect(foundIn(text, /`([A-Z]+(?:_[A-Z]+)+)`/g).filter((setting) => !readme.includes(`\`${setting}\``))).toEqual([])
})

it('each page is in the index, and the index on the front page', () => {
  const index = read('docs/coming-from/README.md')
  const missing = pages.filter(({ name }) => name !== 'README.md' && !index.includes(`(${name})`))
  expect(missing).toEqual([])
  expect(read('README.md')).toContain('(docs/coming-from/README.md)')
})

const declared = new Set(
  readdirSync(join(repository, 'docs/openapi')).flatMap((file) => {
    const { paths } = JSON.parse(read(`docs/openapi/${file}`)) as { paths: Record<string, object> }
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
  }),
)
