import { demotePostgres, promotePostgres, takeEveryConnection } from '@floodgate/testkit'
import { describe, test } from 'vitest'
import { tellStories } from '../client/world.ts'
import { meetWhileItCannotWrite } from '../scenarios/cannot-write.ts'

const world = tellStories()

describe('buyers at every stage meet a Postgres that cannot write', () => {
  test('because every connection is taken', () =>
    meetWhileItCannotWrite(world(), 'connections', () => takeEveryConnection(world().system.databaseUrl)))

  test('because it crashed and came back as a standby', () =>
    meetWhileItCannotWrite(world(), 'standby', async () => {
      const { system } = world()
      await system.crashServer('postgres', ({ dataDir }) => demotePostgres(dataDir))
      return function promote() {
        return promotePostgres(system.databaseUrl)
      }
    }))
})
