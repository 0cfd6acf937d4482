import { defineConfig } from 'vitest/config'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const integrationTests = '**/*.it.test.ts'
const kafkaTests = '**/*.kafka.it.test.ts'
/** They kill servers, need Kafka, or take a copy of the tree: parts of their own. */
const storiesApart = '**/*{kills,kafka,compose,start}.story.ts'
const packageTest = '**/package.it.test.ts'
const never = ['**/node_modules/**', '**/dist/**', '**/.data/**', '**/.cache/**']

/**
 * One project per kind of test; a part of it by path: `vitest run --project integration packages/redis`.
 * Only the `kafka` project starts a broker, so that everything else starts within two seconds.
 */
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...never, integrationTests],
          testTimeout: 5 * SECOND,
        },
      },
      {
        test: {
          name: 'integration',
          include: [integrationTests],
          exclude: [...never, kafkaTests, packageTest],
          globalSetup: ['packages/testkit/src/vitest/with-servers.ts'],
          testTimeout: 30 * SECOND,
          hookTimeout: MINUTE,
        },
      },
      {
        test: {
          name: 'kafka',
          include: [kafkaTests],
          exclude: never,
          globalSetup: ['packages/testkit/src/vitest/with-kafka.ts'],
          testTimeout: MINUTE,
          hookTimeout: 2 * MINUTE,
        },
      },
      {
        test: {
          name: 'stories',
          include: ['{stories,dev}/**/*.story.ts'],
          exclude: [...never, storiesApart],
          // Each file runs the whole system: two at once would measure each other.
          fileParallelism: false,
          testTimeout: 5 * MINUTE,
          hookTimeout: 3 * MINUTE,
        },
      },
      {
        test: {
          name: 'stories-apart',
          include: [storiesApart],
          exclude: never,
          // Each file runs the whole system: two at once would measure each other.
          fileParallelism: false,
          testTimeout: 5 * MINUTE,
          hookTimeout: 3 * MINUTE,
        },
      },
      {
        test: {
          name: 'package',
          include: [packageTest],
          exclude: never,
          globalSetup: ['packages/testkit/src/vitest/with-servers.ts'],
          testTimeout: 30 * SECOND,
          hookTimeout: MINUTE,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['stories/**/*.browser.ts'],
          exclude: never,
          fileParallelism: false,
          testTimeout: 3 * MINUTE,
          hookTimeout: 3 * MINUTE,
        },
      },
    ],
  },
})
