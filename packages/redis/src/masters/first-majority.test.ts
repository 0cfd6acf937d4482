import { expect, it } from 'vitest'
import { firstMajority } from './first-majority.ts'

const never = new Promise<string>(() => undefined)
const reply = (text: string) => Promise.resolve(text)
const failed = () => Promise.reject<string>(new Error('unreachable'))

it('a mute minority is not awaited', async () => {
  expect(await firstMajority([never, reply('a'), reply('b')])).toEqual(['a', 'b'])
})

it('a lone reply counts once all others have failed', async () => {
  expect(await firstMajority([failed(), reply('a'), failed()])).toEqual(['a'])
})

it('is empty when all have failed', async () => {
  expect(await firstMajority([failed(), failed()])).toEqual([])
})
