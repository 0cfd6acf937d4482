import { Counter } from 'k6/metrics'

/** How visits end. Only the first five are what should happen. */
const counters = Object.fromEntries(
  ['confirmed', 'declined', 'sold_out', 'left', 'looked', 'lost', 'refused', 'pending'].map((outcome) => [
    outcome,
    new Counter(`visits_${outcome}`),
  ]),
)

/** Counts the end of a visit. */
export const ended = (outcome) => counters[outcome].add(1)
