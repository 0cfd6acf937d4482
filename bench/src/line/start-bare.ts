import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CannedResponse } from './canned-response.ts'

export interface BareServer {
  readonly url: string
  readonly pid: number
  stop(): void
}

/** Starts a bare Hono server that repeats these responses, as a separate process like every app. */
export async function startBare(directory: string, responses: readonly CannedResponse[]): Promise<BareServer> {
  const file = join(directory, 'answers.json')
  await writeFile(file, JSON.stringify(responses))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-server.ts'), file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await Promise.race([
    once(child.stdout, 'data') as Promise<[Buffer]>,
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The bare server ended with ${code}.`))),
  ])
  if (child.pid === undefined) throw new Error('The bare server has no process id.')
  return { url: String(line).trim(), pid: child.pid, stop: () => void child.kill() }
}
