import type { Texts } from '@floodgate/texts/types'

/** The language that the server wrote the page in; English where there is no page, as in a unit test. */
export function pageLanguage(): string {
  return globalThis.document?.documentElement.lang || 'en'
}

/** Loads the texts of a language: no browser gets those of another one. */
export async function loadTexts(language = pageLanguage()): Promise<Texts> {
  const { texts } = (await import(`../texts/languages/${language}.ts`)) as { texts: Texts }
  return texts
}
