import { readdirSync } from 'node:fs'
import { chooseLanguage, type LanguageWish } from './choose-language.ts'
import type { Texts } from './texts.ts'

/** The language used when no other is chosen. */
const DEFAULT_LANGUAGE = 'en'
/** Matches the contracts' `languageTag`, by which events are validated. */
const FILE = /^(?<tag>[A-Za-z]{2,8}(?:-[A-Za-z0-9]{2,8})*)\.ts$/

/** All available languages. */
export interface Languages {
  /** BCP 47, the default first. */
  readonly tags: readonly [string, ...string[]]
  /** Returns the texts of a tag; those of the default for a missing one. */
  of(tag: string): Texts
  /** Returns the texts for a buyer, see `chooseLanguage`. */
  choose(wish: LanguageWish): Texts
  /** The URLs of the languages' files, which browsers load as well. */
  readonly files: ReadonlyMap<string, URL>
}

/**
 * Loads the languages of a folder: each file is one. Throws when a file's name differs from its language, or the
 * default is missing.
 */
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

/** Floodgate's languages: to add one, add a file. */
export const LANGUAGES: Languages = await loadLanguages(new URL('./languages/', import.meta.url))
