import { ownRedis } from '@floodgate/testkit'
import { describeConformance } from '../conformance/describe-conformance.ts'

describeConformance('Redis', async () => {
  const server = await ownRedis()
  return {
    options: { kind: 'redis', redisUrl: server.url },
    kill: server.kill,
    restart: server.restart,
    remove: server.remove,
  }
})
