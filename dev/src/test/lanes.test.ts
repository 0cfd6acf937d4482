import { expect, test } from 'vitest'
import { lanesOf, runInLanes } from './lanes.ts'
import type { Part } from './parts.ts'

const part = (name: string, load?: Part['load'], writesTo = name): Part => ({
  ...{ name, about: name, needs: [], runs: [], writesTo },
  ...(load === undefined ? {} : { load }),
})

/** Runs parts that end when the test says so; `events` has their starts and ends in order. */
function startParts(
  parts: readonly Part[],
  options: { lanes: number; slow?: Readonly<Record<string, Promise<void>>> },
) {
  const events: string[] = []
  const ends = new Map(parts.map(({ name }) => [name, Promise.withResolvers<void>()]))
  const results = runInLanes(parts, {
    lanes: options.lanes,
    untilKnown: async ({ name }) => options.slow?.[name],
    async run({ name }, isAlone) {
      events.push(`${name} starts${isAlone ? ' alone' : ''}`)
      await ends.get(name)?.promise
      events.push(`${name} ends`)
      return name
    },
  })
  async function end(name: string): Promise<void> {
    ends.get(name)?.resolve()
    await settled()
  }
  return { events, results, end }
}

/** Lets every promise that can settle do so. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('parts run side by side in their order, and their results stay in it', async () => {
  const { events, results, end } = startParts([part('a'), part('b'), part('c')], { lanes: 2 })
  await settled()
  expect(events).toEqual(['a starts', 'b starts'])
  await end('b')
  expect(events).toEqual(['a starts', 'b starts', 'b ends', 'c starts'])
  await end('c')
  await end('a')
  expect(await results).toEqual(['a', 'b', 'c'])
})

test('parts that load the machine start when all others have ended, side by side, then those that must be alone', async () => {
  const parts = [part('m', 'alone'), part('k', 'shared'), part('a'), part('b'), part('n', 'alone'), part('l', 'shared')]
  const { events, results, end } = startParts(parts, { lanes: 2 })
  await settled()
  for (const name of ['a', 'b', 'k', 'l', 'm', 'n']) await end(name)
  expect(events).toEqual([
    ...['a starts', 'b starts', 'a ends', 'b ends'],
    ...['k starts', 'l starts', 'k ends', 'l ends'],
    ...['m starts alone', 'm ends', 'n starts alone', 'n ends'],
  ])
  expect(await results).toEqual(['m', 'k', 'a', 'b', 'n', 'l'])
})

test('a part whose tools are being installed lets the next one go first; none loads the machine meanwhile', async () => {
  const installed = Promise.withResolvers<void>()
  const slow = { a: installed.promise, n: installed.promise }
  const parts = [part('a'), part('b'), part('m', 'alone'), part('n', 'alone')]
  const { events, results, end } = startParts(parts, { lanes: 1, slow })
  await settled()
  await end('b')
  expect(events).toEqual(['b starts alone', 'b ends'])
  installed.resolve()
  await settled()
  for (const name of ['a', 'm', 'n']) await end(name)
  expect(events.filter((event) => event.includes('starts'))).toEqual(
    ['b', 'a', 'm', 'n'].map((name) => `${name} starts alone`),
  )
  expect(await results).toEqual(['a', 'b', 'm', 'n'])
})

test('two parts that write to the same folder run one after the other, and others go first', async () => {
  const parts = [part('a', undefined, 'dist'), part('b', undefined, 'dist'), part('c')]
  const { events, results, end } = startParts(parts, { lanes: 2 })
  await settled()
  expect(events).toEqual(['a starts', 'c starts'])
  await end('a')
  expect(events).toEqual(['a starts', 'c starts', 'a ends', 'b starts'])
  await end('c')
  await end('b')
  expect(await results).toEqual(['a', 'b', 'c'])
})

test('a part that fails to run fails the whole', async () => {
  const run = () => Promise.reject(new Error('broken'))
  await expect(runInLanes([part('a')], { lanes: 2, untilKnown: async () => undefined, run })).rejects.toThrow('broken')
})

test('FLOODGATE_LANES is a number from 1 to 8; two without it', () => {
  expect([lanesOf(undefined), lanesOf(''), lanesOf('1')]).toEqual([2, 2, 1])
  for (const setting of ['0', '9', '1.5', 'all']) expect(() => lanesOf(setting), setting).toThrow('FLOODGATE_LANES')
})
