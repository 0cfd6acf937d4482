import { saleId } from '@floodgate/contracts'
import { AppError, type HotRoute, type PlainAnswer } from '@floodgate/service'
import type { Showcase, Shown } from './showcase.ts'

export const showcasePath = '/sales/:sale/catalogue'

/** 304 to whoever has it. Throws `not-found` for a sale without a catalogue. */
export const catalogueAnswer = (shown: Shown | undefined, ifNoneMatch: string | undefined): PlainAnswer => {
  if (shown === undefined) throw new AppError('not-found')
  return ifNoneMatch === shown.etag ? shown.unchanged : shown.whole
}

/** Every visitor of a sale's page asks for it: past Hono (ADR 0013), and without a promise while it is known. */
export const hotCatalogueRoute = (showcase: Showcase): HotRoute => ({
  method: 'GET',
  path: showcasePath,
  answer: (sale, headers) => {
    if (!saleId.safeParse(sale).success) return undefined
    const shown = showcase(sale)
    const ifNoneMatch = headers['if-none-match']
    return shown instanceof Promise
      ? shown.then((read) => catalogueAnswer(read, ifNoneMatch))
      : catalogueAnswer(shown, ifNoneMatch)
  },
})
