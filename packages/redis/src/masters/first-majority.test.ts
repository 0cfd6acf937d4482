import { expect, it, vi } from 'vitest'
import { createMajority } from './first-majority.ts'

const never = new Promise<string>(() => undefined)
const reply = (text: string) => Promise.resolve(text)
const unreachable = new Error('unreachable')
const failed = () => Promise.reject<string>(unreachable)
function createAsk() {
  const ask = createMajority<string>()
  return function askAll(...each: Promise<string>[]) {
    return ask(new Map(each.map((call, index) => [`server-${index}`, call])))
  }
}

it('a mute minority is not awaited', async () => {
  expect((await createAsk()(never, reply('a'), reply('b'))).replies).toEqual(['a', 'b'])
})

it('a lone reply counts once all others have failed', async () => {
  expect((await createAsk()(failed(), reply('a'), failed())).replies).toEqual(['a'])
})

it('has no reply, and every reason, when all have failed, whatever was known', async () => {
  const ask = createAsk()
  await ask(reply('a'), reply('b'))
  expect(await ask(failed(), failed())).toEqual({ replies: [], failures: [unreachable, unreachable] })
})

it('what one server said counts while only others reply, for ten seconds', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const ask = createAsk()
  expect((await ask(reply('new'), reply('old'), never)).replies).toEqual(['new', 'old'])
  expect((await ask(never, reply('old'), reply('old'))).replies.toSorted()).toEqual(['new', 'old', 'old'])
  vi.advanceTimersByTime(10_000)
  expect((await ask(never, reply('old'), reply('old'))).replies).toEqual(['old', 'old'])
  vi.useRealTimers()
})

it('a server that is not asked any more is forgotten', async () => {
  const ask = createAsk()
  await ask(reply('a'), reply('b'), reply('c'))
  expect((await ask(reply('a'), reply('b'))).replies).toEqual(['a', 'b'])
})
