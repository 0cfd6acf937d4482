import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface BareSockets {
  readonly url: string
  readonly pid: number
  stop(): void
}

/** Starts the bare socket server as a separate process, like every app. */
export async function startBareSockets(): Promise<BareSockets> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-sockets.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await Promise.race([
    once(child.stdout, 'data') as Promise<[Buffer]>,
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The bare socket server ended with ${code}.`))),
  ])
  if (child.pid === undefined) throw new Error('The bare socket server has no process id.')
  return { url: String(line).trim(), pid: child.pid, stop: () => void child.kill() }
}
