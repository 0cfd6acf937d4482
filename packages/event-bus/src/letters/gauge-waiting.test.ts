import { Registry } from 'prom-client'
import { afterEach, expect, it, vi } from 'vitest'
import type { EventBus } from '../port.ts'
import { gaugeWaiting } from './gauge-waiting.ts'

afterEach(() => vi.useRealTimers())

/** Builds groups whose letters are counted by these functions. */
function createGauge(counts: Record<string, () => Promise<number>>) {
  const registry = new Registry()
  const warned: object[] = []
  const log = { info: () => undefined, warn: (fields: object) => void warned.push(fields), error: () => undefined }
  const bus = { deadLetters: (group: string) => ({ count: () => counts[group]?.() }) } as unknown as EventBus
  gaugeWaiting(bus, { registry, log, groups: () => new Set(Object.keys(counts)) })
  const waiting = async () => [...(await registry.metrics()).matchAll(/\{group="(.+)"\} (\d+)/g)].map(([, ...of]) => of)
  return { waiting, warned, counts }
}

it('a group that cannot be counted has no series and one warning, and the others are counted', async () => {
  let broken = 3
  const { waiting, warned, counts } = createGauge({
    'a.first': async () => 1,
    'b.broken': async () => broken,
    'c.last': async () => 1,
  })
  expect(await waiting()).toEqual([
    ['a.first', '1'],
    ['b.broken', '3'],
    ['c.last', '1'],
  ])
  const works = counts['b.broken']
  counts['b.broken'] = () => Promise.reject(new Error('not authorized'))
  counts['c.last'] = async () => 2
  for (let scrape = 0; scrape < 3; scrape += 1)
    expect(await waiting()).toEqual([
      ['a.first', '1'],
      ['c.last', '2'],
    ])
  expect(warned).toEqual([{ group: 'b.broken', error: 'Error: not authorized' }])
  broken = 4
  if (works !== undefined) counts['b.broken'] = works
  expect(await waiting()).toEqual([
    ['a.first', '1'],
    ['b.broken', '4'],
    ['c.last', '2'],
  ])
})

it('an unresponsive bus does not delay a scrape; after half a minute its figure is dropped', async () => {
  vi.useFakeTimers()
  const { waiting, warned, counts } = createGauge({ 'a.mute': async () => 3, 'b.well': async () => 1 })
  const scrape = async () => {
    const figures = waiting()
    await vi.advanceTimersByTimeAsync(1_000)
    return figures
  }
  await scrape()
  counts['a.mute'] = () => new Promise(() => undefined)
  expect(await scrape()).toEqual([
    ['a.mute', '3'],
    ['b.well', '1'],
  ])
  expect(warned).toEqual([])
  await vi.advanceTimersByTimeAsync(30_000)
  expect(await scrape()).toEqual([['b.well', '1']])
  expect(await scrape()).toEqual([['b.well', '1']])
  expect(warned).toHaveLength(1)
})
