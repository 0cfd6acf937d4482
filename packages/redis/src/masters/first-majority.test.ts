import { expect, it } from 'vitest'
import { firstMajority } from './first-majority.ts'

const never = new Promise<string>(() => undefined)
const reply = (text: string) => Promise.resolve(text)
const unreachable = new Error('unreachable')
const failed = () => Promise.reject<string>(unreachable)

it('a mute minority is not awaited', async () => {
  expect((await firstMajority([never, reply('a'), reply('b')])).replies).toEqual(['a', 'b'])
})

it('a lone reply counts once all others have failed', async () => {
  expect((await firstMajority([failed(), reply('a'), failed()])).replies).toEqual(['a'])
})

it('has no reply, and every reason, when all have failed', async () => {
  expect(await firstMajority([failed(), failed()])).toEqual({ replies: [], failures: [unreachable, unreachable] })
})
