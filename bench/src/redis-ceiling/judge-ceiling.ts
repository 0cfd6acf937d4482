import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import { barPlot } from '../results/plot.ts'
import type { ScriptName } from './scripts.ts'

/** How calls for sixteen buyers travel: sixteen times there and back, sixteen in one write, or one call for all of them. */
export type Way = 'one at a time' | 'pipelined' | 'in one call'

/** One go of Redis' own load generator. */
export interface Direct {
  readonly script: ScriptName
  readonly way: Way
  /** Buyers served. */
  readonly perSecond: number
  /** Inside Redis, for one buyer. */
  readonly microsecondsEach: number
  /** Of the buyers asked for those whom the script served, by what it leaves behind. */
  readonly workedShare: number
}

/** One go over HTTP through the app. */
export interface Product {
  readonly what: 'join' | 'order'
  readonly requestsPerSecond: number
  readonly failures: number
  /** CPU of the app per request. */
  readonly appMicroseconds: number
  /** CPU of Redis' process per request, with everything that goes on beside: ticks, snapshots, events. */
  readonly redisMicroseconds: number
  /** Execution of the script that the request waits for, inside Redis: per request, however many travel in one call. */
  readonly scriptMicroseconds: number
}

export interface CeilingMeasured {
  readonly direct: readonly Direct[]
  readonly product: readonly Product[]
}

/** Two of so many random numbers are the same now and then. */
const WORKED_SHARE_MIN = 0.99
const ways: readonly Way[] = ['one at a time', 'pipelined', 'in one call']
const scriptOf = { join: 'join', order: 'hold' } as const

/** Which part of a join and of an order is Redis. Pure. */
export function judgeCeiling(measured: CeilingMeasured): BenchResult {
  const { direct, product } = measured
  const of = (script: ScriptName, way: Way) => direct.filter((each) => each.script === script && each.way === way)
  const rate = (script: ScriptName, way: Way): number | undefined => {
    const rates = of(script, way).map(({ perSecond }) => perSecond)
    return rates.length === 0 ? undefined : median(rates)
  }
  /** What the script can do at most, whichever way. */
  const ceiling = (script: ScriptName) => Math.max(...ways.map((way) => rate(script, way) ?? 0))
  const scripts = [...new Set(direct.map(({ script }) => script))]
  const rows = scripts.map((script) => {
    const rates = ways.map((way) => rate(script, way)).map((each) => (each === undefined ? '–' : Math.round(each)))
    const best = of(script, script === 'nothing' ? 'pipelined' : 'in one call')
    const inside = median(best.map(({ microsecondsEach }) => microsecondsEach)).toFixed(1)
    return `| ${nameOf(script)} | ${rates.join(' | ')} | ${inside} |`
  })
  const paths = (['join', 'order'] as const).map((what) => {
    const each = product.filter((one) => one.what === what)
    const middle = (key: keyof Omit<Product, 'what'>) => median(each.map((one) => one[key]))
    const [app, redis, script] = [middle('appMicroseconds'), middle('redisMicroseconds'), middle('scriptMicroseconds')]
    const perSecond = middle('requestsPerSecond')
    const ofCeiling = perSecond / ceiling(scriptOf[what])
    const share = (script / (app + redis)) * 100
    return `| ${what} | ${Math.round(perSecond)} | ${ofCeiling.toFixed(2)} | ${app.toFixed(0)} | ${redis.toFixed(0)} | ${script.toFixed(1)} | ${share.toFixed(0)} % |`
  })
  return {
    title: 'What Redis can do at most, and what is asked of it',
    bars: [],
    faults: faultsOf(measured),
    markdown: `Redis alone, asked by its own load generator over 32 connections: buyers served per second, and microseconds inside Redis for
each of them when sixteen share a call.

| script | one at a time | 16 calls in one write | 16 in one call | µs inside Redis |
|---|---|---|---|---|
${rows.join('\n')}

The same scripts, asked over HTTP through one process of the app, where requests of one moment share a call. CPU in µs per
request; the script's own time is that of Redis' log of calls, shared by the requests that one call serves.

| what | requests/s here | of its script's ceiling | CPU of the app | CPU of Redis | its script | share of the script |
|---|---|---|---|---|---|---|
${paths.join('\n')}

CPU of Redis has everything in it that goes on beside: ticks, snapshots, and for an order its events.`,
    plot: barPlot(
      'Buyers served by Redis per second, at most, of an EVALSHA that does nothing',
      scripts.map((script) => ({
        label: nameOf(script),
        value: ceiling(script) / ceiling('nothing'),
        text: (ceiling(script) / ceiling('nothing')).toFixed(2),
        highlight: script !== 'nothing',
      })),
    ),
    details: measured,
  }
}

function faultsOf({ direct, product }: CeilingMeasured): string[] {
  const failures = product.reduce((sum, each) => sum + each.failures, 0)
  const refused = direct.filter(({ workedShare }) => workedShare < WORKED_SHARE_MIN)
  return [
    ...(failures === 0 ? [] : [`${failures} failed answers`]),
    ...refused.map(({ script, way, workedShare }) => {
      return `${nameOf(script)}, ${way}: it served ${(workedShare * 100).toFixed(0)} % of the buyers asked for`
    }),
  ]
}

const nameOf = (script: ScriptName): string => (script === 'nothing' ? 'EVALSHA of return 1' : `${script}.lua`)
