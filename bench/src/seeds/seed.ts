import type { BenchResult } from '../bench.ts'
import { table } from '../report/table.ts'

/** The five shops that report the loads, by what is known of them. */
export const SHOPS = {
  A: 'a Spring flash-sale shop',
  B: 'an e-commerce system of microservices',
  C: 'a flash-sales market',
  D: 'a first-come-first-served shop',
  E: 'an e-commerce shop with coupons and points',
} as const

/** A load that one of the shops reports. */
export interface Seed {
  readonly name: string
  readonly shop: keyof typeof SHOPS
  /** The load as the shop describes it. */
  readonly about: string
}

/** A number of the shop beside ours; `–` where it reports none. */
export interface Compared {
  readonly what: string
  readonly theirs: string
  readonly ours: string
}

/** Returns what `--help` shows about a load. Pure. */
export function aboutSeed({ shop, about }: Seed): string {
  return `${about} (${SHOPS[shop]})`
}

/** Renders a result with the shop's numbers beside ours. Pure. */
export function seedResult(
  seed: Seed,
  result: Pick<BenchResult, 'thresholds' | 'faults' | 'details'> & {
    readonly compared: readonly Compared[]
    /** What differs between the two loads, and the conditions of this run, as sentences. */
    readonly conditions: readonly string[]
    /** More tables. */
    readonly more?: string
    readonly plot?: string
  },
): BenchResult {
  const { compared, conditions, more, ...rest } = result
  const { name, shop, about } = seed
  return {
    title: `${name.toUpperCase()}: ${about}`,
    ...rest,
    markdown: [
      table(
        ['what', `${SHOPS[shop]} reports`, 'here'],
        compared.map(({ what, theirs, ours }) => [what, theirs, ours]),
      ),
      ...(more === undefined ? [] : [more]),
      `${conditions.join(' ')} The shop's numbers are its own, from its own machine.`,
    ].join('\n\n'),
  }
}
