export { aofSize, cutLastSecond, truncateAof } from './aof.ts'
export { findRedisServer, installRedis } from './install.ts'
export { type StartSentinelOptions, startSentinel } from './sentinel.ts'
export { type RedisServer, type RedisServerTls, type StartRedisOptions, startRedis } from './server.ts'
