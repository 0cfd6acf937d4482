import { checkEmail } from '@floodgate/contracts/email'
import type { Texts } from '@floodgate/texts/types'

/** Why no mail can be sent to what the buyer typed, in the buyer's words; undefined when it can. */
export function emailComplaint(typed: string, { pages }: Texts): string | undefined {
  const judged = checkEmail(typed)
  return judged.kind === 'address' ? undefined : pages.checkout.emailProblems[judged.kind]
}
