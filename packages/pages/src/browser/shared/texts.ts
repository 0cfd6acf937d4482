import type { Texts } from '@floodgate/texts/types'

/** Every process has it, whichever version it is. */
const FALLBACK = 'en'

/**
 * The language that the server wrote the page in; English where there is no page, as in a unit test. Read once: a browser that
 * translates the page changes the attribute, and refusals and mails would follow it.
 */
let language = globalThis.document?.documentElement.lang || FALLBACK

/** The language of the page's texts. */
export function pageLanguage(): string {
  return language
}

async function loadFile(tag: string): Promise<Texts> {
  const { texts } = (await import(`../texts/languages/${tag}.ts`)) as { texts: Texts }
  return texts
}

/**
 * Loads the texts of the page's language: no browser gets those of another one. Where they cannot be had, as from a process of an
 * older version that does not have the language yet, the page goes on in English: a place in line is worth more than its words.
 */
export async function loadTexts(load: (tag: string) => Promise<Texts> = loadFile): Promise<Texts> {
  try {
    return await load(language)
  } catch (error) {
    if (language === FALLBACK) throw error
    console.error(error)
    const texts = await load(FALLBACK)
    language = texts.language
    document.documentElement.lang = texts.language
    document.documentElement.dir = texts.direction
    return texts
  }
}
