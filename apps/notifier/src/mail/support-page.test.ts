import { readFileSync } from 'node:fs'
import { LANGUAGES } from '@floodgate/texts'
import { expect, it } from 'vitest'

const page = readFileSync(new URL('../../../../docs/if-a-buyer-says.md', import.meta.url), 'utf8').replaceAll(
  /\s+/g,
  ' ',
)
/** Of a text: what is to be filled in on the page is in braces. */
const sentencesOf = (text: string): readonly string[] => text.split(/(?<=[.!?])\s+/)

it('what English mails say is in docs/if-a-buyer-says.md', () => {
  const { mails } = LANGUAGES.of('en')
  const said = Object.values(mails.occasions).flatMap(({ heading, subject, opening, totalLabel }) => [
    heading,
    totalLabel,
    subject({ number: '{number}', sale: '{sale}' }),
    ...[true, false].flatMap((free) => sentencesOf(opening({ free }))),
  ])
  const frame = [
    ...[mails.itemColumn, mails.amountColumn, mails.freeTotalLabel, mails.viewOrder],
    mails.orderNumber({ number: '{number}' }),
    mails.whyThisMail({ sale: '{sale}', order: '{id}' }),
  ]
  expect(said.length).toBeGreaterThan(30)
  expect([...said, ...frame].filter((sentence) => !page.includes(sentence))).toEqual([])
})
