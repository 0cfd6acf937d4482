import { setTimeout as delay } from 'node:timers/promises'
import { type OwnedProcess, spawnOwned } from '@floodgate/processes'
import { nodeBinary } from '../system/node-process.ts'
import type { PreparedExample } from './prepare.ts'
import { environmentOfTools } from './run-tool.ts'

const START_MS_MAX = 60_000
const PROBE_MS = 100
const STOP_MS_MAX = 5_000

export interface RunningExample {
  readonly url: string
  readonly exited: OwnedProcess['exited']
  stop(): Promise<void>
}

export interface ExampleSettings {
  readonly queueUrl: string
  readonly sale: string
  readonly port: number
  onLine?(line: string): void
}

/** Starts a shop. Resolves once its first page is served, and throws with its last lines if it ends before. */
export async function startExample(
  { name, directory, args }: PreparedExample,
  { queueUrl, sale, port, onLine }: ExampleSettings,
): Promise<RunningExample> {
  const own = { QUEUE_URL: queueUrl, SALE: sale, PORT: String(port) }
  const shop = await spawnOwned({
    command: nodeBinary,
    args,
    cwd: directory,
    env: { ...environmentOfTools(), ...own },
    log: onLine,
    signalWhenOrphaned: 'TERM',
  })
  let hasEnded = false
  void shop.exited.then(() => {
    hasEnded = true
  })
  const url = `http://localhost:${port}`
  const stop = () => shop.end(['SIGTERM'], STOP_MS_MAX)
  for (const endMs = Date.now() + START_MS_MAX; !(await isServed(url)); await delay(PROBE_MS)) {
    if (!hasEnded && Date.now() < endMs) continue
    await stop()
    throw new Error(`The shop ${name} did not start:\n${shop.lastLines().join('\n')}`)
  }
  return { url, exited: shop.exited, stop }
}

function isServed(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  )
}
