import { texts as english } from '@floodgate/texts/languages/en'
import { expect, it } from 'vitest'
import { textOf } from './texts.ts'

it.each([
  [600, 'your place is kept for 10 minutes. After that it is lost.'],
  [90, 'your place is kept for 1 minute and 30 seconds. After that it is lost.'],
  [0, 'If you are away when your turn comes, your place is lost.'],
  [null, 'come back soon'],
])('a waiting buyer reads how long a missed turn can be taken: %s s', (returnSeconds, words) => {
  const line = { position: 7, etaSeconds: 60, progress: 0.5, overtaken: false, welcomeBack: false }
  expect(textOf({ kind: 'waiting', ...line, returnSeconds }, english).lines.join(' ')).toContain(words)
})
