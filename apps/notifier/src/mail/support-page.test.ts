import { readFileSync } from 'node:fs'
import { LANGUAGES } from '@floodgate/texts'
import { expect, it } from 'vitest'

const page = readFileSync(new URL('../../../../docs/if-a-buyer-says.md', import.meta.url), 'utf8').replaceAll(
  /\s+/g,
  ' ',
)
/** Returns the sentences of a text; placeholders on the page are in braces. */
const sentencesOf = (text: string): readonly string[] => text.split(/(?<=[.!?])\s+/)

it('the texts of English mails are in docs/if-a-buyer-says.md', () => {
  const { mails } = LANGUAGES.of('en')
  const said = Object.values(mails.occasions).flatMap(({ heading, subject, opening, totalLabel }) => [
    heading,
    totalLabel,
    subject({ number: '{number}', sale: '{sale}' }),
    ...[true, false].flatMap((free) =>
      [true, false].flatMap((withVoucher) => sentencesOf(opening({ free, withVoucher }))),
    ),
  ])
  const { heading, subject, opening, toPage, why, stop } = mails.reminder
  const [, ...sentences] = sentencesOf(opening({ at: new Date(0) }))
  const reminder = [heading, subject({ sale: '{sale}' }), ...sentences, toPage, why, stop]
  const frame = [
    ...[mails.itemColumn, mails.amountColumn, mails.freeTotalLabel, mails.discountLabel, mails.viewOrder],
    mails.orderNumber({ number: '{number}' }),
    mails.whyThisMail({ sale: '{sale}', order: '{id}' }),
  ]
  expect(said.length).toBeGreaterThan(30)
  expect([...said, ...reminder, ...frame].filter((sentence) => !page.includes(sentence))).toEqual([])
})
