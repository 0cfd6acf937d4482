import type { PublicCatalogue, StockBoardItem } from '@floodgate/contracts'
import { isPassing, type Problem } from '../shared/problem.ts'
import { onAdmissionRejected } from './admission-check.ts'
import { correct, isOutOfDate, mayOnlyWait } from './draft-correction.ts'
import type { Checkout, Draft, Model, StockNews } from './model.ts'

export function draftOf(checkout: Checkout): { draft: Draft } | Record<never, never> {
  return checkout.draft === undefined ? {} : { draft: checkout.draft }
}

const orderIdOf = (location: string | undefined) => /\/orders\/([0-9a-f-]{36})$/.exec(location ?? '')?.[1]

/** A catalogue may be this much older than a rejection: servers and caches serve one for up to three seconds. */
const CATALOGUE_AGE_MS_MAX = 3_000

/** Updates the page with a catalogue that was requested at this time. */
export function onCatalogue(model: Model, catalogue: PublicCatalogue, askedAt: number): Model {
  const told = { ...model, tillLostSince: undefined, noGoodsSince: undefined }
  if (model.catalogue !== undefined && askedAt < model.catalogueFromMs) return told
  const stock = new Map([...model.stock].filter(([, { at }]) => at + CATALOGUE_AGE_MS_MAX > askedAt))
  return { ...showCatalogue(told, withStock(catalogue, stock)), stock }
}

/** Updates the page with news of items' stock. Those that may be older than a rejection wait for the next catalogue. */
export function onStock(model: Model, items: readonly StockBoardItem[], at: number): Model {
  const stock = new Map([...model.stock, ...items.map((item) => [item.sku, { ...item, at }] as const)])
  const { catalogue } = model
  if (catalogue === undefined || at < model.catalogueFromMs) return { ...model, stock }
  return { ...showCatalogue(model, withStock(catalogue, stock)), stock }
}

function withStock(catalogue: PublicCatalogue, stock: ReadonlyMap<string, StockNews>): PublicCatalogue {
  if (stock.size === 0) return catalogue
  const items = catalogue.items.map((item) => {
    const news = stock.get(item.sku)
    return news === undefined ? item : { ...item, available: news.available, soldOut: news.soldOut }
  })
  return { ...catalogue, items }
}

function showCatalogue(model: Model, catalogue: PublicCatalogue): Model {
  const { checkout } = model
  const problem = checkout.kind === 'choosing' ? checkout.problem : undefined
  const isOver = problem !== undefined && isOutOfDate(problem, { before: model.catalogue, now: catalogue })
  return {
    ...model,
    catalogue,
    seen: model.seen ?? catalogue,
    ...(isOver ? { checkout: { kind: 'choosing', ...draftOf(checkout) } } : {}),
  }
}

const endTurn = (model: Model, why: 'tries-used' | 'given-back'): Model => ({
  ...model,
  line: { kind: 'turn-over', why },
  checkout: { kind: 'choosing', ...draftOf(model.checkout) },
})

/** Updates the page after an order was rejected at this time. */
export function onOrderRejected(
  model: Model,
  { problem, at, pass }: { readonly problem: Problem; readonly at: number; readonly pass?: string | undefined },
): Model {
  const { checkout } = model
  if (checkout.kind !== 'placing') return model
  if (isPassing(problem)) return { ...model, checkout: { ...checkout, trouble: 'unavailable' } }
  switch (problem.code) {
    case 'sold-out':
    case 'price-changed':
    case 'unknown-sku': {
      const waits = mayOnlyWait(problem, { draft: checkout.draft, catalogue: model.catalogue })
      return {
        ...model,
        catalogue: correct(model.catalogue, problem),
        catalogueFromMs: at + CATALOGUE_AGE_MS_MAX,
        checkout: waits
          ? { ...checkout, trouble: 'held-by-others' }
          : { kind: 'choosing', draft: checkout.draft, problem },
      }
    }
    case 'order-exists': {
      const order = orderIdOf(problem.location)
      if (order !== undefined) return { ...model, checkout: { kind: 'placed', order, draft: checkout.draft } }
      return {
        ...model,
        line: { kind: 'finished' },
        search: 'wanted',
        checkout: { kind: 'choosing', draft: checkout.draft },
      }
    }
    case 'admission-expired':
    case 'admission-invalid':
    case 'admission-missing':
      return onAdmissionRejected(model, problem, pass)
    case 'too-many-declined':
      return endTurn(model, 'tries-used')
    case 'admission-revoked':
      return endTurn(model, 'given-back')
    case 'sale-closed':
      return { ...model, saleState: 'closed', line: { kind: 'closed' }, checkout: { kind: 'choosing' } }
    default:
      return { ...model, checkout: { kind: 'choosing', draft: checkout.draft, problem } }
  }
}
