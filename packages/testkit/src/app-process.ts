import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'

/** A Floodgate service in its own process. */
export interface AppProcess {
  readonly child: ChildProcess
  /** Read from its log, once it listens. */
  readonly url: string
  readonly opsUrl: string
  /** Returns everything it has logged so far. */
  said(): string
  /** Resolves to exit code and signal. */
  readonly exited: Promise<unknown[]>
}

/**
 * Starts a service's `main.ts` with these settings and resolves when it is ready and not degraded; with `until:
 * 'listening'` as soon as it listens.
 */
export async function startAppProcess(
  main: URL,
  {
    settings,
    directory,
    until = 'ready',
  }: { settings: Readonly<Record<string, string>>; directory?: string; until?: 'listening' | 'ready' },
): Promise<AppProcess> {
  const child = spawn(process.execPath, [fileURLToPath(main)], {
    ...(directory === undefined ? {} : { cwd: directory }),
    env: { PATH: process.env.PATH, PORT: '0', OPS_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  const { url, opsUrl = url } = await eventually(() => {
    if (child.exitCode !== null) throw new Error(`The app exited with ${child.exitCode}: ${said}`)
    const line = said.split('\n').find((each) => each.includes('"listening"'))
    return JSON.parse(line ?? '') as { url: string; opsUrl?: string }
  })
  const app = { child, url, opsUrl, said: () => said, exited }
  if (until === 'listening') return app
  await eventually(async () => {
    const response = (await (await fetch(`${opsUrl}/readyz`)).json()) as { ready: boolean; degraded?: string[] }
    if (!response.ready || (response.degraded?.length ?? 0) > 0)
      throw new Error(`not ready: ${JSON.stringify(response)}`)
  })
  return app
}
