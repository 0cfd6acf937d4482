import { readdirSync } from 'node:fs'
import { chooseLanguage, type LanguageWish } from './choose-language.ts'
import type { Texts } from './texts.ts'

/** The language that is used when nothing says another one. */
const DEFAULT_LANGUAGE = 'en'
/** As `languageTag` of the contracts, which events are checked by. */
const FILE = /^(?<tag>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{2,8})*)\.ts$/

/** All languages there are. */
export interface Languages {
  /** BCP 47, the default first. */
  readonly tags: readonly [string, ...string[]]
  /** The texts of a tag; those of the default for one that is not here. */
  of(tag: string): Texts
  /** The texts for a buyer, see `chooseLanguage`. */
  choose(wish: LanguageWish): Texts
  /** The addresses of the languages' files, which browsers load as well. */
  readonly files: ReadonlyMap<string, URL>
}

/** Loads the languages of a folder: each file is one. Throws when a file is named otherwise than its language, or the default is missing. */
export async function loadLanguages(folder: URL): Promise<Languages> {
  const found = readdirSync(folder).flatMap((name) => FILE.exec(name)?.groups?.tag ?? [])
  const files = new Map(found.sort().map((tag) => [tag, new URL(`${tag}.ts`, folder)]))
  const all = new Map<string, Texts>()
  for (const [tag, file] of files) {
    const { texts } = (await import(file.href)) as { texts: Texts }
    if (texts.language !== tag) throw new TypeError(`${tag}.ts holds the texts of the language ${texts.language}`)
    all.set(tag, texts)
  }
  const fallback = all.get(DEFAULT_LANGUAGE)
  if (fallback === undefined) throw new TypeError(`${DEFAULT_LANGUAGE}.ts is missing`)
  const tags = [DEFAULT_LANGUAGE, ...[...all.keys()].filter((tag) => tag !== DEFAULT_LANGUAGE)] as const
  const textsOf = (tag: string): Texts => all.get(tag) ?? fallback
  return { tags, files, of: textsOf, choose: (wish) => textsOf(chooseLanguage(wish, tags)) }
}

/** The languages that Floodgate has: adding one is adding a file. */
export const LANGUAGES: Languages = await loadLanguages(new URL('./languages/', import.meta.url))
