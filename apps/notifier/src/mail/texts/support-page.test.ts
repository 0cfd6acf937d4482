import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const page = read('../../../../../docs/if-a-buyer-says.md').replaceAll(/\s+/g, ' ')

it('what mails say without placeholders is in docs/if-a-buyer-says.md', () => {
  const sentences = [...read('./english.ts').matchAll(/'([A-Z][^'\n]* [^'\n]*)'/g)].map(([, sentence = '']) => sentence)
  expect(sentences.length).toBeGreaterThan(10)
  expect(sentences.filter((sentence) => !page.includes(sentence))).toEqual([])
})
