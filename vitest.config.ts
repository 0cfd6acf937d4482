import { defineConfig } from 'vitest/config'

const SECOND = 1_000
const MINUTE = 60 * SECOND

const integrationTests = '**/*.it.test.ts'
const kafkaTests = '**/*.kafka.it.test.ts'
/** Separate parts: they fill a disk, need Kafka or Python, install packages, copy the tree, or end the servers. */
const storiesApart =
  '**/*{disk,kafka,compose,containers,start,proxies,fuzz,examples,failover,chart,alerts,traces,upgrade}.story.ts'
const killStories = '**/*kills.story.ts'
const packageTest = '**/package.it.test.ts'
/** Needs a program that is built by Go. */
const stripeTests = '**/*.stripe.it.test.ts'
const platformsTest = '**/platforms.it.test.ts'
/** Fails a test in which an app sends a response that its OpenAPI document does not declare. */
const declaredResponses = ['packages/testkit/src/vitest/declared-responses.ts']
const never = ['**/node_modules/**', '**/dist/**', '**/.data/**', '**/.cache/**']

/** How long `expect.poll` waits: a second by default, which a busy machine can take for one attempt. */
const patient = { expect: { poll: { timeout: MINUTE } } }

/**
 * Time-outs only end hanging tests: a machine at a tenth of our speed passes within them. A test of speed uses a count
 * or its own clock.
 *
 * One project per kind of test; a part of it by path: `vitest run --project integration packages/redis`.
 * Only the `kafka` project starts a broker, so that everything else starts within two seconds.
 */
export default defineConfig({
  test: {
    // One more than the cores of a small machine: integration tests mostly wait.
    maxWorkers: 3,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...never, integrationTests],
          testTimeout: 30 * SECOND,
        },
      },
      {
        test: {
          name: 'integration',
          ...patient,
          setupFiles: declaredResponses,
          include: [integrationTests],
          exclude: [...never, kafkaTests, stripeTests, packageTest, platformsTest],
          globalSetup: ['packages/testkit/src/vitest/with-servers.ts'],
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
      {
        test: {
          name: 'kafka',
          ...patient,
          setupFiles: declaredResponses,
          include: [kafkaTests],
          exclude: never,
          globalSetup: ['packages/testkit/src/vitest/with-kafka.ts'],
          testTimeout: 10 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
      {
        test: {
          name: 'stripe',
          ...patient,
          include: [stripeTests],
          exclude: never,
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
      {
        test: {
          name: 'stories',
          ...patient,
          setupFiles: declaredResponses,
          include: ['{stories,dev}/**/*.story.ts'],
          exclude: [...never, storiesApart, killStories],
          // Each file runs the whole system, and two at once would disturb each other.
          fileParallelism: false,
          testTimeout: 30 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
      {
        test: {
          name: 'stories-apart',
          ...patient,
          setupFiles: declaredResponses,
          include: [storiesApart],
          exclude: never,
          // Each file runs the whole system, and two at once would disturb each other.
          fileParallelism: false,
          testTimeout: 30 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
      {
        test: {
          name: 'kills',
          ...patient,
          setupFiles: declaredResponses,
          include: [killStories],
          exclude: never,
          // Whole systems that mostly wait for a dead or unresponsive process. Their assertions are counts.
          maxWorkers: 3,
          testTimeout: 30 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
      {
        test: {
          name: 'package',
          ...patient,
          include: [packageTest],
          exclude: never,
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
      {
        test: {
          name: 'platforms',
          ...patient,
          include: [platformsTest],
          exclude: never,
          testTimeout: 5 * MINUTE,
          hookTimeout: 5 * MINUTE,
        },
      },
      {
        test: {
          name: 'browser',
          ...patient,
          setupFiles: declaredResponses,
          include: ['stories/**/*.browser.ts'],
          exclude: never,
          fileParallelism: false,
          testTimeout: 15 * MINUTE,
          hookTimeout: 10 * MINUTE,
        },
      },
    ],
  },
})
