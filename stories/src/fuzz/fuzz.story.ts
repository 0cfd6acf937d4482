import { type AppName, camelCase } from '@floodgate/dev/system'
import { temporaryDirectory } from '@floodgate/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withSystem } from '../client/test-system.ts'
import { prepareApps } from './prepare-apps.ts'
import { fuzz } from './run-schemathesis.ts'

/** Per operation, besides what Schemathesis always tries: this many take less than a minute on two cores. */
const examples = Number(process.env.FUZZ_EXAMPLES ?? 20)
const seed = Number(process.env.STORY_SEED ?? Math.floor(Math.random() * 2 ** 31))

const testSystem = withSystem({ replicas: {} })

describe('whatever is sent', () => {
  const apps: readonly AppName[] = ['waiting-room', 'order-core', 'payment-worker', 'notifier']
  let found: Promise<ReadonlyMap<AppName, string | undefined>>

  beforeAll(async () => {
    process.stderr.write(`Requests of this run: STORY_SEED=${seed} FUZZ_EXAMPLES=${examples}\n`)
    const { urls } = testSystem().system
    const prepared = await prepareApps(testSystem())
    const { path: directory, remove } = await temporaryDirectory()
    afterAll(remove)
    const runs = apps.map(async (app) => {
      const [url, document] = [urls[camelCase(app)], `${urls.operations[camelCase(app)]}/openapi.json`]
      return [app, await fuzz({ name: app, url, document, directory, seed, examples, ...prepared[app] })] as const
    })
    found = Promise.all(runs).then((each) => new Map(each))
  })

  test.each(apps)('the %s gives only responses that its document declares', async (app) => {
    const report = (await found).get(app)
    if (report !== undefined) process.stderr.write(report)
    expect(report === undefined, 'Schemathesis has found something: see its report above.').toBe(true)
  })
})
