import { z } from 'zod'
import { kafkaSettings } from './kafka-settings.ts'
import { redisUrlProblem } from './redis-url.ts'
import { setting } from './setting.ts'
import type { SettingMeta } from './setting-meta.ts'

/** The bound of an IPv6 /48, in multiples of a single address's: the default of `IPV6_SITE_FACTOR`. */
export const SITE_FACTOR = 8

/** Settings of every service. Each service adds `port` with its own default. */
export const commonSettings = {
  host: setting.text({ description: 'Address to listen on', default: '127.0.0.1' }),
  environment: setting.choice({
    description: '`development` allows fail points and readable error causes; every real deployment is `production`',
    values: ['production', 'development'],
    default: 'production',
  }),
  logLevel: setting.choice({
    description: 'Lowest level of written log lines',
    values: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
  }),
  allowedOrigins: setting.origins({ description: 'Browser origins that may call this service' }),
  trustedHops: setting.integer({
    description: 'Proxies in front of this service; the client address is counted from the right of `X-Forwarded-For`',
    unit: 'proxies',
    min: 0,
    max: 16,
    default: 0,
  }),
  ipv6SiteFactor: setting.integer({
    description: 'Factor by which limits per client address apply to an IPv6 /48; 0 = no such limit',
    unit: 'times',
    min: 0,
    max: 65_536,
    default: SITE_FACTOR,
  }),
  failPoints: setting.list({
    description: 'Named places where a test kills or stalls this process; rejected in production',
  }),
  shutdownSeconds: setting.integer({
    description: 'How long running work may take to finish after SIGTERM',
    unit: 's',
    min: 1,
    max: 300,
    default: 8,
  }),
}

/** Returns the settings of a service's operations port. */
export function opsSettings(port: number) {
  return {
    opsPort: setting.integer({
      description:
        'Port of `/livez`, `/readyz`, `/metrics`, `/openapi.json` and `/docs`, for operators only; 0 picks a free port',
      unit: 'port',
      min: 0,
      max: 65_535,
      default: port,
    }),
    opsHost: setting.text({
      description: 'Address of the operations port; buyers must not reach it',
      default: '127.0.0.1',
    }),
  }
}

/** Settings of services whose whole state is in Redis and Postgres, so that any number of processes may share a port. */
export const workersSetting = {
  workers: setting.integer({
    description: 'Processes behind this port, about one per core; connections and limits below apply to each',
    unit: 'processes',
    min: 1,
    max: 64,
    default: 1,
  }),
}

/** Settings of the bus on which events are published. */
export const busSettings = {
  bus: setting.choice({
    description: 'Event bus: `kafka` for a real deployment, `redis` for one machine',
    values: ['redis', 'kafka'],
    default: 'redis',
  }),
  ...kafkaSettings,
}

export const databaseUrlSetting = setting.databaseUrl({
  description:
    'PostgreSQL, as `postgresql://user:password@host:port/database`; TLS and several hosts: docs/deploy/postgres.md',
})
export const redisUrlSetting = z
  .string()
  .trim()
  .superRefine((value, context) => {
    const problem = redisUrlProblem(value)
    if (problem !== undefined) context.addIssue(problem)
  })
  .meta({
    description: 'Redis: `redis://host:port`, `redis+sentinel://…` or `redis+cluster://…` (docs/deploy/redis.md)',
    type: 'URL',
    secret: true,
  } satisfies SettingMeta)
