import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { eventually, moveToSmallDisk } from '@floodgate/testkit'
import { expect, test } from 'vitest'
import { withSystem } from './client/test-system.ts'
import { meetWhileItCannotWrite } from './scenarios/cannot-write.ts'

/** More than the tables of the story need. */
const SIZE_MIB = 128
const CONSUMING_APPS = ['order-core', 'payment-worker', 'notifier'] as const
const testSystem = withSystem()

/** Waits until every app that consumes events has met the full disk. */
const untilAllMetIt = (): Promise<void> =>
  eventually(async () => {
    for (const app of CONSUMING_APPS) {
      const said = await readFile(join(testSystem().system.dataDir, 'logs', `${app}.jsonl`), 'utf8')
      expect(said.includes('No space left on device'), app).toBe(true)
    }
  })

test('buyers at every stage meet a Postgres that cannot write, because its disk is full', async () => {
  const { system } = testSystem()
  const { dataDir } = system.server('postgres')
  const disk = await moveToSmallDisk({ url: system.databaseUrl, dataDir, sizeMiB: SIZE_MIB })
  try {
    await meetWhileItCannotWrite(testSystem(), 'full-disk', async () => {
      await disk.fill()
      return async function freeTheDisk() {
        await untilAllMetIt()
        await disk.free()
      }
    })
  } finally {
    await disk.free()
    await disk.remove()
  }
})
