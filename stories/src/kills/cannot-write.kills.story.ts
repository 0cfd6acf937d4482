import { demotePostgres, promotePostgres, takeEveryConnection } from '@floodgate/testkit'
import { describe, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { meetWhileItCannotWrite } from '../scenarios/cannot-write.ts'

const testSystem = withSystem()

describe('buyers at every stage meet a Postgres that cannot write', () => {
  test('because every connection is taken', () =>
    meetWhileItCannotWrite(testSystem(), 'connections', () => takeEveryConnection(testSystem().system.databaseUrl)))

  test('because it crashed and was restarted as a standby', () =>
    meetWhileItCannotWrite(testSystem(), 'standby', async () => {
      const { system } = testSystem()
      await system.crashServer('postgres', ({ dataDir }) => demotePostgres(dataDir))
      return function promote() {
        return promotePostgres(system.databaseUrl)
      }
    }))
})
