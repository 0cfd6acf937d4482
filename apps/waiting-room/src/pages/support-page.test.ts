import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const browser = new URL('./browser/', import.meta.url)
const read = (address: URL) => readFileSync(address, 'utf8')
const page = read(new URL('../../../../docs/if-a-buyer-says.md', import.meta.url)).replaceAll(/\s+/g, ' ')

const sources = ['buyer/', 'buyer/screens/'].flatMap((folder) =>
  readdirSync(new URL(folder, browser))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => `${folder}${name}`),
)

/** The strings with a capital letter first and a space in them. Those with placeholders are templates, and left out. */
const sentencesIn = (source: string) =>
  [...source.matchAll(/'([A-Z][^'\n]* [^'\n]*)'/g)].map(([, sentence = '']) => sentence)

it.each([...sources, 'shared/trouble.ts'])('what %s says to buyers is in docs/if-a-buyer-says.md', (name) => {
  const sentences = sentencesIn(read(new URL(name, browser)))
  expect(sentences.filter((sentence) => !page.includes(sentence))).toEqual([])
})
