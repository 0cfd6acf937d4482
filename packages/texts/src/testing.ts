import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type Languages, loadLanguages } from './languages.ts'

/** Every text of English between brackets, read from right to left. */
const BRACKETED = `
import { texts as english } from './en.ts'

const bracketed = (value) => {
  if (typeof value === 'string') return value === ' ' ? value : '⟦' + value + '⟧'
  if (typeof value === 'function') return (of) => bracketed(value(of))
  if (Array.isArray(value)) return value.map(bracketed)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, bracketed(inner)]))
}

export const texts = { ...bracketed(english), language: 'ar', name: 'العربية', direction: 'rtl' }
`

/** Returns the languages after the file `ar.ts` was added, in a temporary folder. For tests. */
export async function withOneMoreLanguage(): Promise<{ languages: Languages; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'floodgate-languages-'))
  cpSync(fileURLToPath(new URL('.', import.meta.url)), folder, { recursive: true })
  writeFileSync(join(folder, 'languages', 'ar.ts'), BRACKETED)
  return {
    languages: await loadLanguages(pathToFileURL(`${folder}/languages/`)),
    remove: () => rmSync(folder, { recursive: true }),
  }
}
