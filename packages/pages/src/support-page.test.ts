import { readdirSync, readFileSync } from 'node:fs'
import { LANGUAGES, type Texts } from '@floodgate/texts'
import { expect, it } from 'vitest'

const browser = new URL('./browser/', import.meta.url)
const read = (address: URL | string) => readFileSync(address, 'utf8')
const page = read(new URL('../../../docs/if-a-buyer-says.md', import.meta.url))
const inOneLine = page.replaceAll(/\s+/g, ' ')
const english = LANGUAGES.of('en')

const sources = ['buyer/', 'buyer/screens/', 'order/', 'shared/'].flatMap((folder) =>
  readdirSync(new URL(folder, browser))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}${name}`),
)

/** Returns the strings with a leading capital letter and a space. */
const sentencesIn = (source: string) =>
  [...source.matchAll(/(?<!Error\()['"`]([A-Z][^'"`\n]* [^'"`\n]*)['"`]/g)].map(([, sentence = '']) => sentence)

it.each(sources)('%s has no text of its own for buyers', (name) => {
  const code = read(new URL(name, browser)).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  // Cookies, headers, routes and errors for logs contain characters that sentences do not.
  expect(sentencesIn(code).filter((sentence) => !/[=;#$]|^[A-Z]+ \//.test(sentence))).toEqual([])
})

const sentencesOf = (value: unknown): string[] => {
  if (typeof value === 'string') return /^[A-Z].* /.test(value) ? [value] : []
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(sentencesOf) : []
}

it('texts of pages without placeholders are in docs/if-a-buyer-says.md', () => {
  const sentences = sentencesOf(english.pages)
  expect(sentences.length).toBeGreaterThan(100)
  expect(sentences.filter((sentence) => !inOneLine.includes(sentence))).toEqual([])
})

/** Returns the headings of pages by their keys, in both languages. */
const headingsIn = (one: unknown, other: unknown): readonly (readonly [string, string])[] => {
  if (typeof one === 'function' && typeof other === 'function') {
    const of = { at: new Date(0), reason: '' }
    return headingsIn(one(of), other(of))
  }
  if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) return []
  const found = Object.keys(one).flatMap((key) => {
    const [theirs, ours] = [one[key as keyof typeof one], other[key as keyof typeof other]]
    return key === 'title' || key === 'heading' ? [[String(theirs), String(ours)] as const] : headingsIn(theirs, ours)
  })
  return found
}

const tableOf = (texts: Texts): string => {
  const { screens, joinRejections, documents } = texts.pages
  const shown = { screens, joinRejections, documents }
  const all = headingsIn(shown, english.pages).map(([theirs, ours]) => `| ${theirs} | ${ours} |`)
  return [...new Set([`| ${texts.name} | English |`, '|---|---|', ...all])].join('\n')
}

/** A language may be added before its table. */
const tabled = LANGUAGES.tags.filter((tag) => tag === 'ko' || page.includes(`| ${LANGUAGES.of(tag).name} | English |`))

it.each(tabled.filter((tag) => tag !== 'en'))('the headings in %s stand beside the English ones', (tag) => {
  expect(page).toContain(tableOf(LANGUAGES.of(tag)))
})
