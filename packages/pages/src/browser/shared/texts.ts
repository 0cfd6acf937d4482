import type { Texts } from '@floodgate/texts/types'

/** Every process has it, whichever its version. */
const FALLBACK = 'en'

/**
 * The language that the server wrote the page in; English without a page, as in a unit test. Read once: a browser that
 * translates the page changes the attribute, and problems and mails would follow it.
 */
let language = globalThis.document?.documentElement.lang || FALLBACK

/** Returns the language of the page's texts. */
export function pageLanguage(): string {
  return language
}

async function loadFile(tag: string): Promise<Texts> {
  const { texts } = (await import(`../texts/languages/${tag}.ts`)) as { texts: Texts }
  return texts
}

/**
 * Loads the texts of the page's language, and no other. Where they are missing, as in a process of an older version,
 * the page continues in English: a place in line is worth more than its language.
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
