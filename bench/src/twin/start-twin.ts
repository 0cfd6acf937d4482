import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Twin {
  readonly url: string
  stop(): void
}

/** Starts the bare twin of a sale as a process of its own; resolves once it listens. */
export async function startTwin(
  sale: { readonly sale: string; readonly stock: number; readonly rate: number },
  signal: AbortSignal,
): Promise<Twin> {
  signal.throwIfAborted()
  const twin = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, TWIN: JSON.stringify(sale) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const died = once(twin, 'exit').then(() => Promise.reject(new Error('The bare twin ended before it listened.')))
  const [line] = (await Promise.race([once(twin.stdout, 'data', { signal }), died])) as [Buffer]
  died.catch(() => undefined)
  return { url: String(line).trim(), stop: () => void twin.kill() }
}
