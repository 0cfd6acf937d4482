import { texts as english } from '@floodgate/texts/languages/en'
import { expect, it } from 'vitest'
import { textOf } from './texts.ts'

it.each([
  [600, 'we keep your place for 10 minutes. After that you lose it.'],
  [90, 'we keep your place for 1 minute and 30 seconds. After that you lose it.'],
  [0, 'If you are away when your turn comes, you lose your place.'],
  [null, 'come back soon'],
])('a waiting buyer reads how long a missed turn can still be taken: %s s', (returnSeconds, words) => {
  const line = { position: 7, etaSeconds: 60, progress: 0.5, overtaken: false, welcomeBack: false }
  expect(textOf({ kind: 'waiting', ...line, returnSeconds }, english).lines.join(' ')).toContain(words)
})
