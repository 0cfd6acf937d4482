import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { StrategyName } from './strategies.ts'

/** A running baseline server. */
export interface BaselineProcess {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

const SERVE = join(import.meta.dirname, 'baselines/serve.ts')

export interface BaselineServers {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly jwksUrl: string
}

/** Starts one of the strategies as a separate process; resolves once it listens. */
export async function startBaseline(
  strategy: StrategyName,
  { servers, pool }: { readonly servers: BaselineServers; readonly pool: number },
): Promise<BaselineProcess> {
  const child = spawn(process.execPath, [SERVE, strategy, String(pool)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DATABASE_URL: servers.databaseUrl,
      REDIS_URL: servers.redisUrl,
      JWKS_URL: servers.jwksUrl,
    },
  })
  const ended = once(child, 'exit')
  const [said] = (await Promise.race([
    once(child.stdout, 'data'),
    ended.then(() => {
      throw new Error(`The server of ${strategy} did not start.`)
    }),
  ])) as [Buffer]
  return {
    url: String(said).trim(),
    pid: child.pid ?? 0,
    async stop() {
      child.kill()
      await ended
    },
  }
}
