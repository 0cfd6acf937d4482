import { Counter } from 'k6/metrics'

/** Outcomes of visits. No buyer may be lost or rejected, and each placed order must have an outcome. */
const counters = Object.fromEntries(
  ['confirmed', 'declined', 'sold_out', 'left', 'looked', 'lost', 'refused', 'pending'].map((outcome) => [
    outcome,
    new Counter(`visits_${outcome}`),
  ]),
)

/** Counts the end of a visit. */
export function ended(outcome) {
  counters[outcome].add(1)
}
