import { describe, test } from 'vitest'
import { tellStories } from '../client/world.ts'
import { crashPostgres, crashRedis, crashRedisAndCut } from './blows.ts'
import { createChance } from './chance.ts'
import { surviveInRush } from './survive.ts'

const world = tellStories()
const draw = createChance()

describe('five hundred buyers on a hundred units, while a server is killed', () => {
  test.each([crashRedis, crashRedisAndCut, crashPostgres])('$name', (blow) => surviveInRush(world(), draw, () => blow))
})
