import { commonOptions, describeDeadLetters } from './testing/describe-dead-letters.ts'

describeDeadLetters('Redis', async (redisUrl) => ({
  options: { kind: 'redis', redisUrl, ...commonOptions },
  settings: {},
}))
