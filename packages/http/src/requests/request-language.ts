import { createBoundedMap } from '@floodgate/async'
import { LANGUAGES, type Texts } from '@floodgate/texts'

/** Browsers of one country send a few dozen different headers. */
const HEADERS_MAX = 1_000
/** A longer header is parsed each time, so that the cache stays small. */
const REMEMBERED_CHARACTERS_MAX = 128

/** The languages (BCP 47) with texts, the default first. */
export const LANGUAGE_TAGS: readonly string[] = LANGUAGES.tags

const remembered = createBoundedMap<Texts>(HEADERS_MAX)

/**
 * Returns the texts for a request with this `Accept-Language`; undefined for one without. Never throws, whatever the
 * header contains.
 */
export function textsOfRequest(acceptLanguage: string | undefined): Texts | undefined {
  if (acceptLanguage === undefined) return undefined
  if (acceptLanguage.length > REMEMBERED_CHARACTERS_MAX) return LANGUAGES.choose({ acceptLanguage })
  const known = remembered.get(acceptLanguage)
  if (known !== undefined) return known
  const texts = LANGUAGES.choose({ acceptLanguage })
  remembered.set(acceptLanguage, texts)
  return texts
}

/** Returns the texts for a request, in English for one without `Accept-Language`. */
export function textsFor(acceptLanguage: string | undefined): Texts {
  return textsOfRequest(acceptLanguage) ?? LANGUAGES.of(LANGUAGES.tags[0])
}

/** Returns the language (BCP 47) of responses to this `Accept-Language`; undefined: the request names none. */
export function languageOfRequest(acceptLanguage: string | undefined): string | undefined {
  return textsOfRequest(acceptLanguage)?.language
}
