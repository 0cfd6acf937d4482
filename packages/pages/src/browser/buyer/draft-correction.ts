import type { PublicCatalogue } from '@floodgate/contracts'
import type { Problem, ProblemItem } from '../shared/problem.ts'
import type { Draft } from './model.ts'

type Item = PublicCatalogue['items'][number]

/**
 * Corrects the catalogue by a rejection: prices, units left, items no longer on sale. The rejection is newer than any
 * catalogue read before.
 */
export function correct(catalogue: PublicCatalogue | undefined, problem: Problem): PublicCatalogue | undefined {
  if (catalogue === undefined) return undefined
  if (problem.code === 'unknown-sku')
    return { ...catalogue, items: catalogue.items.filter(({ sku }) => !problem.skus.includes(sku)) }
  const told = new Map(problem.items.map((item) => [item.sku, item]))
  return {
    ...catalogue,
    currency: problem.currency ?? catalogue.currency,
    items: catalogue.items.map((item) => corrected(item, told.get(item.sku))),
  }
}

const corrected = (item: Item, told: ProblemItem | undefined): Item => ({
  ...item,
  salePriceMinor: told?.priceMinor ?? item.salePriceMinor,
  available: told?.available ?? item.available,
  soldOut: told?.soldOut ?? item.soldOut,
})

/**
 * Returns the units left of the items of a `sold-out`. Where an older server does not state them, the catalogue is the
 * next best source.
 */
export function leftOf(problem: Problem, catalogue: PublicCatalogue | undefined): readonly Left[] {
  return problem.skus.map((sku) => {
    const told = problem.items.find((item) => item.sku === sku)
    const shown = catalogue?.items.find((item) => item.sku === sku)
    return {
      sku,
      name: shown?.name ?? sku,
      available: told?.available ?? shown?.available ?? 0,
      soldOut: told?.soldOut ?? (problem.final && (problem.skus.length === 1 || shown?.soldOut === true)),
    }
  })
}

interface Left {
  readonly sku: string
  readonly name: string
  readonly available: number
  readonly soldOut: boolean
}

/**
 * Tells whether others hold everything that the order lacks, so that waiting can help. Otherwise the buyer must choose.
 */
export function mayOnlyWait(
  problem: Problem,
  { draft, catalogue }: { draft: Draft; catalogue: PublicCatalogue | undefined },
): boolean {
  if (problem.code !== 'sold-out' || problem.final || !problem.retryable) return false
  const wanted = new Map(draft.items.map(({ sku, quantity }) => [sku, quantity]))
  // Without the server's figure, a catalogue with enough units is an old one.
  return leftOf(problem, catalogue).every(
    ({ sku, available, soldOut }) =>
      !soldOut && (available === 0 || (problem.items.length === 0 && available >= (wanted.get(sku) ?? 1))),
  )
}

/** Tells whether newer data contradict a rejection that is still shown. */
export function isOutOfDate(
  problem: Problem,
  { before, now }: { before: PublicCatalogue | undefined; now: PublicCatalogue },
): boolean {
  const fact = factOf[problem.code]
  if (fact === undefined) return false
  const find = (catalogue: PublicCatalogue | undefined, sku: string) =>
    catalogue?.items.find((item) => item.sku === sku)
  return problem.skus.some((sku) => fact(find(before, sku)) !== fact(find(now, sku)))
}

/** Returns the fact behind a rejection. A changed price stays a changed price. */
const factOf: Partial<Record<Problem['code'], (item: Item | undefined) => unknown>> = {
  'sold-out': (item) => `${item?.available} ${item?.soldOut}`,
  'over-limit': (item) => item?.perBuyerLimit,
  'unknown-sku': (item) => item === undefined,
}
