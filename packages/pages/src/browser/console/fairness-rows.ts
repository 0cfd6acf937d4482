import { figure } from '../shared/words.ts'
import type { SaleResource } from './sale-types.ts'

type Fairness = SaleResource['fairness']

const seconds = (value: number | null) => (value === null ? '–' : `${figure(Math.round(value))} s`)
const percent = (value: number | null) => (value === null ? '–' : `${(100 * value).toFixed(1)} %`)

/** How well the line keeps its guarantees, for the operator. */
export const fairnessRows: readonly { readonly label: string; of(fairness: Fairness): string }[] = [
  { label: 'oldest waiter', of: ({ oldestWaiterSeconds }) => seconds(oldestWaiterSeconds) },
  { label: 'off the rate', of: ({ rateError }) => percent(rateError) },
  { label: 'longest stall', of: ({ longestStallSeconds }) => seconds(longestStallSeconds) },
  { label: 'overtaken', of: ({ inversions }) => figure(inversions) },
  { label: 'set aside too soon', of: ({ setAsideTooSoon }) => figure(setAsideTooSoon) },
]
