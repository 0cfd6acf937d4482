import { checkEmail } from '@floodgate/contracts/email'
import type { Texts } from '@floodgate/texts/types'

/** Returns why no mail can be sent to the typed address, in the buyer's language; undefined when it can. */
export function emailComplaint(typed: string, { pages }: Texts): string | undefined {
  const judged = checkEmail(typed)
  return judged.kind === 'address' ? undefined : pages.checkout.emailProblems[judged.kind]
}
