import { Counter } from 'k6/metrics'

/** How visits end. Nobody may be lost, rejected, or without news of a placed order at the end. */
const counters = Object.fromEntries(
  ['confirmed', 'declined', 'sold_out', 'left', 'looked', 'lost', 'refused', 'pending', 'placed'].map((outcome) => [
    outcome,
    new Counter(`visits_${outcome}`),
  ]),
)

/** Counts the end of a visit. */
export function ended(outcome) {
  counters[outcome].add(1)
}
