import type { ProblemCode } from '@floodgate/contracts'
import type { MailTexts } from './mail-texts.ts'
import type { PageTexts } from './page-texts.ts'

export type * from './mail-texts.ts'
export type * from './page-texts.ts'

/**
 * Every text for buyers, in one language. A file of `languages/` exports it as `texts` and is named after `language`;
 * nothing else refers to it. Every function gets one object, so that each language places its parameters where its
 * grammar needs them.
 */
export interface Texts {
  /** BCP 47. */
  readonly language: string
  /** The language's own name. */
  readonly name: string
  readonly direction: 'ltr' | 'rtl'
  readonly pages: PageTexts
  readonly mails: MailTexts
  /** The `title` of a problem (RFC 9457), a sentence without its full stop. */
  readonly problems: Readonly<Record<ProblemCode, string>>
}
