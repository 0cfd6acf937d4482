import type { BenchResult } from '../bench.ts'
import { median } from '../machine/median.ts'
import { barPlot } from '../results/plot.ts'
import type { ScriptName } from './scripts.ts'

/** One go of Redis' own load generator. */
export type Direct = {
  readonly script: ScriptName
  /** Calls that travel together. */
  readonly pipeline: number
  readonly callsPerSecond: number
  /** Inside Redis. */
  readonly microsecondsPerCall: number
  /** Calls that did what the script is for, by what it leaves behind. */
  readonly worked: number
}

/** One go over HTTP through the app. */
export type Product = {
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

export type CeilingMeasured = {
  readonly direct: readonly Direct[]
  readonly product: readonly Product[]
  readonly calls: number
}

/** Two of so many random numbers are the same now and then. */
const WORKED_SHARE_MIN = 0.99
const scriptOf = { join: 'join', order: 'hold' } as const

/** Which part of a join and of an order is Redis. Pure. */
export function judgeCeiling(measured: CeilingMeasured): BenchResult {
  const { direct, product, calls } = measured
  const of = (script: ScriptName, pipeline: number) =>
    direct.filter((each) => each.script === script && each.pipeline === pipeline)
  const rate = (script: ScriptName, pipeline: number) =>
    median(of(script, pipeline).map(({ callsPerSecond }) => callsPerSecond))
  const scripts = [...new Set(direct.map(({ script }) => script))]
  const rows = scripts.map((script) => {
    const inside = median(of(script, 16).map(({ microsecondsPerCall }) => microsecondsPerCall)).toFixed(1)
    const ofCeiling = (rate(script, 16) / rate('nothing', 16)).toFixed(2)
    return `| ${nameOf(script)} | ${Math.round(rate(script, 1))} | ${Math.round(rate(script, 16))} | ${ofCeiling} | ${inside} |`
  })
  const paths = (['join', 'order'] as const).map((what) => {
    const each = product.filter((one) => one.what === what)
    const middle = (key: keyof Omit<Product, 'what'>) => median(each.map((one) => one[key]))
    const share = middle('scriptMicroseconds') / (middle('appMicroseconds') + middle('redisMicroseconds'))
    const ofScript = middle('requestsPerSecond') / rate(scriptOf[what], 16)
    return {
      what,
      share,
      row: `| ${what} | ${Math.round(middle('requestsPerSecond'))} | ${ofScript.toFixed(2)} | ${middle('appMicroseconds').toFixed(0)} | ${middle('redisMicroseconds').toFixed(0)} | ${middle('scriptMicroseconds').toFixed(0)} | ${(share * 100).toFixed(0)} % |`,
    }
  })
  const failures = product.reduce((sum, each) => sum + each.failures, 0)
  const idle = direct.filter(({ worked }) => worked < calls * WORKED_SHARE_MIN)
  return {
    title: 'What Redis can do at most, and what is asked of it',
    bars: [],
    faults: [
      ...(failures === 0 ? [] : [`${failures} failed answers`]),
      ...idle.map(({ script, worked }) => `${nameOf(script)} did its work ${worked} times in ${calls} calls`),
    ],
    markdown: `Redis alone, asked by its own load generator over 32 connections, calls per second:

| script | one at a time | 16 travelling together | of the ceiling | µs inside Redis |
|---|---|---|---|---|
${rows.join('\n')}

The same scripts, asked over HTTP through one process of the app, which sends all calls of one moment together. CPU in µs per
request; the script's own time is that of Redis' log of calls, shared by the requests that one call serves.

| what | requests/s here | of the script's own ceiling | CPU of the app | CPU of Redis | its script | share of the script |
|---|---|---|---|---|---|---|
${paths.map(({ row }) => row).join('\n')}

CPU of Redis has everything in it that goes on beside: ticks, snapshots, and for an order its events.`,
    plot: barPlot('Calls per second of the EVALSHA ceiling, 16 travelling together', [
      ...scripts.map((script) => ({
        label: nameOf(script),
        value: rate(script, 16) / rate('nothing', 16),
        text: (rate(script, 16) / rate('nothing', 16)).toFixed(2),
        highlight: script !== 'nothing',
      })),
    ]),
    details: measured,
  }
}

const nameOf = (script: ScriptName): string => (script === 'nothing' ? 'EVALSHA of `return 1`' : `${script}.lua`)
