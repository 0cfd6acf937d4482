export { aofSize, cutLastSecond, truncateAof } from './aof.ts'
export { findRedisServer, installRedis } from './install.ts'
export { type RedisServer, type StartRedisOptions, startRedis } from './server.ts'
