import type { Kept } from '../shared/storage.ts'

/** What the page promises about the place, as far as this browser lets it keep the promise. */
export function promiseText({ cookies, tab }: Kept): string {
  if (cookies) return 'Your place does not get lost when you reload this page.'
  return tab
    ? 'You can reload this page, but if you close this tab, your place is lost.'
    : 'If you reload or close this page, your place is lost.'
}

/** What the buyer must know before relying on the page; nothing where everything works. */
export function warningTexts({ cookies, tab }: Kept, isEncrypted: boolean): readonly string[] {
  const blocked = tab
    ? 'Your browser does not keep cookies for this page. Your place exists in this tab only: do not close it.'
    : 'Your browser does not keep cookies for this page. Your place is lost when you reload or close it: leave it open.'
  return [
    ...(cookies ? [] : [blocked]),
    ...(isEncrypted
      ? []
      : ['This page came over a connection that is not encrypted. Others in your network can read what you enter.']),
  ]
}
