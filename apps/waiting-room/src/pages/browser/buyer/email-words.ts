import { type EmailProblem, judgeEmail } from '@floodgate/contracts/email'

const WORDS: Readonly<Record<EmailProblem, string>> = {
  'no-at': 'Please enter your whole e-mail address, such as name@example.com.',
  'local-part':
    'Please look at your e-mail address again: before the @ there is a space, a character or a dot that does not belong there.',
  'local-not-ascii': 'We cannot send mail to this address: before the @ it may only have unaccented Latin letters.',
  domain: 'Please look at your e-mail address again: what follows the @ is not complete, or not spelled right.',
  'too-long': 'This e-mail address is too long. Please use another one.',
}

/** Why no mail can be sent to what the buyer typed, in the buyer's words; undefined when it can. */
export function emailComplaint(typed: string): string | undefined {
  const judged = judgeEmail(typed)
  return judged.kind === 'address' ? undefined : WORDS[judged.kind]
}
