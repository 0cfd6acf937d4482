import type { Measures } from '@floodgate/crowd'
import { faults } from '../report/faults.ts'
import type { Sample } from './sample.ts'
import { findSaturation, isGeneratorLate } from './saturation.ts'

/** Why a rehearsal stopped before all buyers were done. */
export type CalledOff = 'interrupted' | 'storm' | 'too-long'

export interface RehearsalMeasures {
  readonly sale: string
  readonly buyers: number
  readonly stock: number
  readonly rate: number
  readonly maxActive: number
  readonly maxSeconds: number
  readonly samples: readonly Sample[]
  readonly crowd: Measures
  readonly calledOff?: CalledOff
  /** The findings of the audit. */
  readonly faults: readonly string[]
  readonly closed: boolean
}

const SECOND = 1_000
const PLACES_NAMED = 4

const why: Readonly<Record<CalledOff, string>> = {
  interrupted: 'It was interrupted',
  storm: 'More than one in twenty responses failed within ten seconds',
  'too-long': 'Its time was up',
}

/** Describes a rehearsal, one sentence a line. Pure. */
export function rehearsalStory(measures: RehearsalMeasures): string[] {
  const { calledOff, samples } = measures
  const endedAtMs = samples.at(-1)?.atMs ?? 0
  return [
    ...(calledOff === undefined ? [] : [`${why[calledOff]}: the crowd was aborted at ${clock(endedAtMs)}.`]),
    whatBecameOfThem(measures),
    ...lineLines(samples),
    ...waitLines(measures.crowd.waits),
    ...fairnessLines(samples),
    stockLine(measures),
    ...saturationLines(measures),
    ...(measures.faults.length === 0
      ? ['Nothing was oversold or lost: no buyer was admitted twice, and Redis and Postgres agree.']
      : measures.faults.map((fault) => `Wrong: ${fault}.`)),
    whatIsLeft(measures),
  ]
}

function whatBecameOfThem({ buyers, crowd }: RehearsalMeasures): string {
  const ends = Object.entries(crowd.outcomes)
    .toSorted(([, left], [, right]) => right - left)
    .map(([outcome, count]) => `${amount(count)} ${words[outcome as keyof typeof words]}`)
  return `${amount(crowd.waits.length)} of ${amount(buyers)} buyers were admitted: ${ends.join(', ')}.`
}

const words = {
  confirmed: 'bought',
  declined: 'were declined',
  'sold-out': 'found it sold out',
  left: 'left',
  waited: 'only waited',
  refused: 'were rejected',
  'place-lost': 'lost their place',
  pending: 'have a pending order',
  'gave-up': 'got no response',
  'cut-short': 'were aborted',
} as const satisfies Record<keyof Measures['outcomes'], string>

function lineLines(samples: readonly Sample[]): string[] {
  const seen = samples.flatMap(({ atMs, counts }) => (counts === undefined ? [] : [{ atMs, counts }]))
  const last = seen.at(-1)
  if (last === undefined) return ['The line could not be read.']
  const longest = seen.reduce((most, each) => (lengthOf(each) > lengthOf(most) ? each : most))
  const lines =
    lengthOf(longest) === 0
      ? []
      : [`The line was longest at ${clock(longest.atMs)}, with ${amount(lengthOf(longest))} waiting.`]
  const empty = seen.find((each) => each.counts.joined === last.counts.joined && lengthOf(each) === 0)
  if (empty !== undefined) return [...lines, `The line was empty at ${clock(empty.atMs)}.`]
  return [...lines, `The line was not empty at the end: ${amount(lengthOf(last))} still waited at ${clock(last.atMs)}.`]
}

const lengthOf = ({ counts }: { readonly counts: { readonly waiting: number; readonly away: number } }): number =>
  counts.waiting + counts.away

/**
 * Returns the waits of evenly spaced positions. Takes the nearest position that was admitted if the buyer at one had
 * left.
 */
function waitLines(waits: Measures['waits']): string[] {
  const byPlace = waits.toSorted((one, other) => one.place - other.place)
  if (byPlace.length === 0) return ['Nobody was admitted.']
  const named = Array.from({ length: PLACES_NAMED }, (_, index) => {
    const at = Math.max(0, Math.round(((index + 1) / PLACES_NAMED) * byPlace.length) - 1)
    return byPlace[at]
  }).filter((each) => each !== undefined)
  const different = [...new Map(named.map((each) => [each.place, each])).values()]
  const said = different.map(({ place, waitedMs }) => `place ${amount(place)} waited ${duration(waitedMs)}`)
  const [first = '', ...others] = said
  return [`${[capitalized(first), ...others].join(', ')}.`]
}

function fairnessLines(samples: readonly Sample[]): string[] {
  const seen = samples.flatMap(({ fairness }) => (fairness === undefined ? [] : [fairness]))
  const last = seen.at(-1)
  if (last === undefined) return []
  const errors = seen.flatMap(({ rateError }) => (rateError === null ? [] : [Math.abs(rateError)]))
  const oldest = Math.max(0, ...seen.map(({ oldestWaiterSeconds }) => oldestWaiterSeconds ?? 0))
  const rate =
    errors.length === 0
      ? 'no ten seconds were full of demand, so the rate was not judged'
      : `over ten seconds the rate was off by ${(100 * Math.max(...errors)).toFixed(1)} % at most`
  const stall = `the longest stall was ${duration(last.longestStallSeconds * SECOND)}`
  const wait = `the first in line had waited ${duration(oldest * SECOND)} at most`
  return [`${capitalized(rate)}, ${stall}, and ${wait}.`]
}

/** Returns the broken guarantees that the line counted, which are faults of the deployment. Pure. */
export function fairnessFaults(samples: readonly Sample[]): string[] {
  const last = samples.flatMap(({ fairness }) => (fairness === undefined ? [] : [fairness])).at(-1)
  if (last === undefined) return []
  const { inversions, setAsideTooSoon } = last
  return faults([
    [inversions > 0, `${amount(inversions)} buyers who reported as told were overtaken`],
    [setAsideTooSoon > 0, `${amount(setAsideTooSoon)} buyers were set aside and came back within an interval`],
  ])
}

function stockLine({ samples, stock }: RehearsalMeasures): string {
  const known = samples.flatMap(({ atMs, stock: figures }) => (figures === undefined ? [] : [{ atMs, ...figures }]))
  const soldOut = known.find(({ sold }) => sold >= stock)
  const sold = known.at(-1)?.sold
  if (sold === undefined) return 'The stock could not be read.'
  const figures = `${amount(sold)} of ${amount(stock)} units are sold`
  if (soldOut !== undefined) return `It was sold out at ${clock(soldOut.atMs)}; ${figures}.`
  return `It was not sold out: ${figures}.`
}

function saturationLines({ samples, crowd, maxActive, rate }: RehearsalMeasures): string[] {
  const { generator } = crowd
  if (isGeneratorLate(generator))
    return [
      `The first to saturate was this generator (${Math.round(generator.p99)} ms late at the 99th percentile): nothing can be said about the deployment's own limits. Use fewer buyers, or another machine.`,
    ]
  const blind = samples.every(({ apps }) => apps.length === 0)
  const [first, ...others] = findSaturation(samples, { maxActive })
  const unseen = blind ? " The apps' metrics could not be read, so only the slots were watched." : ''
  if (first === undefined) return [`Nothing saturated: the wait comes from the rate of ${rate} per second.${unseen}`]
  const then = others.map(({ atMs, what }) => `Then, at ${clock(atMs)}: ${what}.`)
  return [`The first to saturate, at ${clock(first.atMs)}: ${first.what}.${unseen}`, ...then]
}

function whatIsLeft({ sale, closed, crowd }: RehearsalMeasures): string {
  if (!closed) return `The sale ${sale} could not be closed: close it in the console.`
  const pending = (crowd.outcomes.pending ?? 0) + (crowd.outcomes['cut-short'] ?? 0)
  const held = pending === 0 ? '' : ' Orders in progress end by themselves, at the latest with their hold.'
  return `The closed sale ${sale} remains, with its log and its orders; nobody can join it or buy in it.${held}`
}

/** Formats a time as minutes and seconds. */
const clock = (ms: number): string => {
  const seconds = Math.round(ms / SECOND)
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
}

const duration = (ms: number): string =>
  ms < 10 * SECOND ? `${(ms / SECOND).toFixed(1)} s` : `${Math.round(ms / SECOND)} s`

const amount = (count: number): string => count.toLocaleString('en')

const capitalized = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
