import { join } from 'node:path'
import { startPostgres, startRedis } from './index.ts'

/** Started by servers.it.test.ts, which kills it: starts a Postgres and a Redis, reports it and waits. */
const [directory, postgresPort, redisPort] = process.argv.slice(2)
if (directory === undefined) throw new Error('usage: start-and-wait.fixture.ts DIRECTORY POSTGRES_PORT REDIS_PORT')
await startPostgres({
  dataDir: join(directory, 'postgres'),
  port: Number(postgresPort),
  password: 'test',
  durable: false,
})
await startRedis({ dataDir: join(directory, 'redis'), port: Number(redisPort) })
process.stdout.write('started\n')
