export {
  type Authority,
  aofSize,
  createAuthority,
  cutLastSecond,
  KAFKA_ADMIN,
  KAFKA_GUEST,
  truncateAof,
} from '@floodgate/local-servers'
export { type AppProcess, startAppProcess } from './app-process.ts'
export { type AppStores, startAppStores } from './app-stores.ts'
export { connectGuardedRedis, connectRedis } from './connect-redis.ts'
export { demotePostgres, promotePostgres, replicateSynchronously, stopReplication } from './demote-postgres.ts'
export { type EventuallyOptions, eventually } from './eventually.ts'
export { type FullRedis, fillRedis } from './fill-redis.ts'
export { freeze } from './freeze.ts'
export { type FreshDatabase, freshDatabase } from './fresh-database.ts'
export { type HostileTarget, sendAndHold, sendAndVanish, upgradeHead } from './hostile-clients.ts'
export { loseResponses } from './lose-responses.ts'
export { migratedDatabase } from './migrated-database.ts'
export { takeEveryConnection } from './no-connections.ts'
export { operationsOf, readOpenApiDocuments } from './openapi/read-documents.ts'
export { noteResponse } from './openapi/watch-responses.ts'
export { wrongMethods } from './openapi/wrong-methods.ts'
export { type ClusterRedis, ownRedisMasters } from './own-cluster.ts'
export { ownSentinelRedis, type SentinelRedis } from './own-sentinels.ts'
export {
  type Own,
  own,
  ownKafka,
  ownKafkaCluster,
  ownPostgres,
  ownRedis,
  ownRedisCluster,
  ownSecureKafka,
  ownStandby,
} from './own-servers.ts'
export { ownTlsPostgres, type TlsPostgres } from './own-tls-postgres.ts'
export { ownTlsRedis, type TlsRedis } from './own-tls-redis.ts'
export { NOT_NOW_STATES, rejectWrites, type WriteFault } from './reject-writes.ts'
export { seededRandom } from './seeded-random.ts'
export { type TestServer, testServerAddress, testServers, testServerVariables } from './shared-servers.ts'
export { moveToSmallDisk, type SmallDisk } from './small-disk.ts'
export { recordStatements, type StatementPlans } from './statement-plans.ts'
export { tablesWith } from './tables-with.ts'
export { startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
export { type TemporaryDirectory, temporaryDirectory } from './temporary.ts'
export { createTestDatabase, type TestDatabase } from './test-database.ts'
export { type VirtualClock, virtualClock } from './virtual-clock.ts'
