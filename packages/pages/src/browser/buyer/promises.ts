import type { Texts } from '@floodgate/texts/types'
import type { Kept } from '../shared/storage.ts'

/** Returns what the page guarantees about the place, as far as this browser allows. */
export function promiseText({ cookies, tab }: Kept, { pages: { promises } }: Texts): string {
  if (cookies) return promises.kept
  return tab ? promises.inTab : promises.none
}

/** Returns what the buyer must know before relying on the page; nothing where everything works. */
export function warningTexts(
  { cookies, tab }: Kept,
  { isEncrypted, texts }: { isEncrypted: boolean; texts: Texts },
): readonly string[] {
  const { warnings } = texts.pages
  return [
    ...(cookies ? [] : [tab ? warnings.onlyInTab : warnings.onlyWhileOpen]),
    ...(isEncrypted ? [] : [warnings.notEncrypted]),
  ]
}
