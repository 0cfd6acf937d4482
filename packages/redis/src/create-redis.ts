import { type BackOff, backOffMs } from '@floodgate/async'
import { type HostAndPort, type Log, parseRedisUrl } from '@floodgate/runtime'
import { Redis, type RedisOptions } from 'ioredis'
import type { RedisClient } from './client.ts'
import { createRedisCluster } from './cluster/redis-cluster.ts'
import { followChanges, masterConnector, ReplicaFound } from './masters/connector.ts'
import { fixedMaster, type Masters } from './masters/masters.ts'
import { shareMasters } from './masters/shared.ts'
import { tlsOptionsOf } from './tls.ts'

/**
 * The purpose of a connection.
 * - `commands`: plain commands of the hot paths.
 * - `scripts`: Lua that changes state under the run-id guard (see `trackRunId`).
 * - `blocking`: `XREADGROUP … BLOCK` and the like, for at most 10 s, one caller at a time.
 * - `subscriber`: `SUBSCRIBE`; channels are subscribed again after a reconnect.
 */
export type RedisRole = 'commands' | 'scripts' | 'blocking' | 'subscriber'

export interface RedisConnectionOptions {
  readonly url: string
  /** Shown by `CLIENT LIST` and in our log lines. */
  readonly name: string
  readonly role: RedisRole
  /** A key (or channel) whose server it needs. Only a Redis Cluster has several. */
  readonly key?: string
  /**
   * For `commands` and `scripts`: a call without a reply in this time rejects; whether it took effect is unknown.
   * Default 3,000.
   */
  readonly commandTimeoutMs?: number
  readonly log: Log
}

/**
 * A shorter limit mistakes a late event loop in a burst for an unresponsive server: at 1 s, 102 of 4,508 orders were
 * rejected.
 */
const COMMAND_TIMEOUT_MS = 3_000
const CONNECT_TIMEOUT_MS = 2_000
/** How long a closed socket may wait for its peer's end, which an unresponsive server never sends. */
const DISCONNECT_TIMEOUT_MS = 100
/**
 * A connection without a byte for this long after a call's timeout is half-open and replaced: the server's host is
 * gone, or a firewall dropped the connection. Later than the call's own timeout, so that a slow script affects only its
 * caller.
 */
const MUTE_BEYOND_TIMEOUT_MS = 2_000
/** Blocking reads block for at most 10 s. */
const MUTE_BLOCKING_MS = 15_000
/** Interval of a subscriber's pings; it sends nothing else. */
const SUBSCRIBER_PING_MS = 10_000
const MUTE_SUBSCRIBER_MS = 5_000
const RECONNECT: BackOff = { minMs: 100, maxMs: 2_000 }
/** Short, because a restarted server is back within seconds, and the line does not move until a client reconnects. */
const RECONNECT_SOON: BackOff = { minMs: 100, maxMs: 500 }
const SOON_ATTEMPTS = 20
/** ioredis would otherwise wait whole seconds between its checks of a server that loads its append-only file. */
const LOADING_POLL_MS_MAX = 250
const ERROR_LOG_INTERVAL_MS = 10_000

/**
 * Opens a connection to Redis and keeps it open: it reconnects without end, with a jittered delay of at most two seconds.
 *
 * No call waits for a lost server. It rejects at once when the connection is down (only `subscriber` has an offline
 * queue), when the connection breaks during the call, and after `commandTimeoutMs` when the server is unresponsive. The
 * client never repeats a call by itself: the server behind the new connection may be another one, or an older state of
 * the same, and only the caller knows whether its call is still valid there.
 *
 * A half-open connection is replaced: two seconds after `commandTimeoutMs` without a byte after a call, after 15 s of a
 * blocking read, and within 15 s for a subscriber, which pings.
 *
 * Throws a TypeError for calls with any keys of a Redis Cluster: {@link openRedis} has a connection to each master.
 *
 * Calls of `commands` and `scripts` in one turn of the event loop share one write (ioredis' automatic pipelining).
 * Measured 2026-11 on two cores with 64 callers of a small script: 60,000 instead of 45,000 calls/s, and a third less
 * of Redis' own time per call; a single call takes 20 µs longer.
 */
export function createRedis(options: RedisConnectionOptions): Redis {
  const serves = options.role === 'commands' || options.role === 'scripts'
  if (serves && options.key === undefined && parseRedisUrl(options.url).kind === 'cluster')
    throw new TypeError(
      'One connection to a Redis Cluster serves the keys of one master: name a key, or use openRedis.',
    )
  const ofUrl = optionsOfUrl(options.url)
  return connect(options, shareMasters(options.url, options.log), ofUrl)
}

/** Opens a connection to one of the servers behind a URL. See {@link createRedis}. */
export function connectToServer(options: Omit<RedisConnectionOptions, 'key'>, address: HostAndPort): Redis {
  return connect(options, fixedMaster(address), optionsOfUrl(options.url))
}

/** Opens connections for calls with any keys: one, or one to each master of a Redis Cluster. See {@link createRedis}. */
export function openRedis(
  options: Omit<RedisConnectionOptions, 'key'> & { readonly role: 'commands' | 'scripts' },
): RedisClient {
  if (parseRedisUrl(options.url).kind !== 'cluster') return createRedis(options)
  // Read once: in the middle of a failover, files that are being replaced must not keep a process from a new master.
  const ofUrl = optionsOfUrl(options.url)
  const masters = shareMasters(options.url, options.log)
  return createRedisCluster({
    masters,
    connect: (address: HostAndPort) => connect(options, { ...fixedMaster(address), refresh: masters.refresh }, ofUrl),
  })
}

type OptionsOfUrl = Pick<RedisOptions, 'db' | 'username' | 'password' | 'tls'>

/** Returns what a URL says about every connection. Reads the files that it names. */
function optionsOfUrl(url: string): OptionsOfUrl {
  const { username, password, database: db, tls } = parseRedisUrl(url)
  return {
    db,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: tlsOptionsOf(tls) as NonNullable<RedisOptions['tls']> }),
  }
}

function connect(options: RedisConnectionOptions, masters: Masters, ofUrl: OptionsOfUrl): Redis {
  const redis = connectTo(options, masters, ofUrl)
  logConnection(redis, options)
  if (options.role === 'subscriber') pingWhileOpen(redis)
  return redis
}

function connectTo(options: RedisConnectionOptions, masters: Masters, ofUrl: OptionsOfUrl): Redis {
  const followed = { masters, key: options.key ?? '' }
  const onReplica = () => void redis.emit('error', new ReplicaFound())
  const redis = new Redis({
    ...redisOptions(options, masters),
    ...ofUrl,
    Connector: masterConnector({ ...followed, tls: ofUrl.tls, onReplica }),
  })
  followChanges(redis, followed)
  return redis
}

function redisOptions({ name, role, commandTimeoutMs = COMMAND_TIMEOUT_MS }: RedisConnectionOptions, masters: Masters) {
  const repliesAtOnce = role === 'commands' || role === 'scripts'
  return {
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    socketTimeout: muteMsMax(role, commandTimeoutMs),
    enableOfflineQueue: role === 'subscriber',
    autoResendUnfulfilledCommands: false,
    // Without the 0, calls in progress when the connection breaks never settle: ioredis 6 drops their queue at the next
    // `ready` when it may not resend them.
    maxRetriesPerRequest: 0,
    maxLoadingRetryTime: LOADING_POLL_MS_MAX,
    retryStrategy: (attempt) => reconnectDelayMs(attempt, Math.random()),
    // 1 = reconnect, and pass the error to the caller. 2 would resend, and without an offline queue hide the cause.
    reconnectOnError: (error) => {
      if (isMoving(error.message)) masters.refresh()
      // A blocking connection looks up the master of its key again; the others have one connection for each master.
      return isWrongServer(error.message) || (role === 'blocking' && isMoving(error.message)) ? 1 : false
    },
    ...(repliesAtOnce ? { commandTimeout: commandTimeoutMs, enableAutoPipelining: true } : {}),
  } satisfies RedisOptions
}

function muteMsMax(role: RedisRole, commandTimeoutMs: number): number {
  if (role === 'blocking') return MUTE_BLOCKING_MS
  return role === 'subscriber' ? MUTE_SUBSCRIBER_MS : commandTimeoutMs + MUTE_BEYOND_TIMEOUT_MS
}

function pingWhileOpen(redis: Redis): void {
  const pinging = setInterval(() => {
    if (redis.status === 'ready') redis.ping().catch(() => undefined) // The socket timeout detects a dead connection.
  }, SUBSCRIBER_PING_MS)
  pinging.unref()
  redis.once('end', () => clearInterval(pinging))
}

/** Returns the delay before a reconnect. `attempt` counts from 1. */
export function reconnectDelayMs(attempt: number, random: number): number {
  return backOffMs(attempt <= SOON_ATTEMPTS ? RECONNECT_SOON : RECONNECT, attempt - 1, random)
}

/** Recognises the replies of a server that was demoted to a replica, or that still loads its data. */
function isWrongServer(message: string): boolean {
  return message.startsWith('READONLY') || message.startsWith('LOADING')
}

/** Recognises the replies of a node of a Redis Cluster that does not, or not alone, serve the slot of a call. */
function isMoving(message: string): boolean {
  return /^(MOVED|ASK|TRYAGAIN|CLUSTERDOWN) /.test(message)
}

/**
 * Logs the state of the connection. An `error` listener must always exist: without one ioredis writes stack traces to
 * the console.
 */
function logConnection(redis: Redis, { name, log }: RedisConnectionOptions): void {
  let loggedAtMs = Number.NEGATIVE_INFINITY
  redis.on('error', (error: Error) => {
    const nowMs = performance.now()
    if (nowMs - loggedAtMs < ERROR_LOG_INTERVAL_MS) return
    loggedAtMs = nowMs
    log.warn({ redis: name, error: error.message }, 'Redis connection failed; reconnecting')
  })
  redis.on('ready', () => {
    loggedAtMs = Number.NEGATIVE_INFINITY
    log.info({ redis: name }, 'Redis connection ready')
  })
}
