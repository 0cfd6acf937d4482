import { createBoundedMap } from '@floodgate/async'
import { LANGUAGES, type Texts } from '@floodgate/texts'

/** Browsers of one country send some dozens of different headers. */
const HEADERS_MAX = 1_000
/** A longer one is read anew each time, so that what is remembered stays small. */
const REMEMBERED_CHARACTERS_MAX = 128

/** The languages (BCP 47) that there are texts in, the default first. */
export const LANGUAGE_TAGS: readonly string[] = LANGUAGES.tags

const remembered = createBoundedMap<Texts>(HEADERS_MAX)

/** The texts for a request with this `Accept-Language`; undefined for one without. Never throws, whatever the header holds. */
export function textsOfRequest(acceptLanguage: string | undefined): Texts | undefined {
  if (acceptLanguage === undefined) return undefined
  if (acceptLanguage.length > REMEMBERED_CHARACTERS_MAX) return LANGUAGES.choose({ acceptLanguage })
  const known = remembered.get(acceptLanguage)
  if (known !== undefined) return known
  const texts = LANGUAGES.choose({ acceptLanguage })
  remembered.set(acceptLanguage, texts)
  return texts
}

/** The same, in English for a request without. */
export function textsFor(acceptLanguage: string | undefined): Texts {
  return textsOfRequest(acceptLanguage) ?? LANGUAGES.of(LANGUAGES.tags[0])
}

/** The language (BCP 47) that answers to this `Accept-Language` are in; undefined: the request asks for none. */
export function languageOfRequest(acceptLanguage: string | undefined): string | undefined {
  return textsOfRequest(acceptLanguage)?.language
}
