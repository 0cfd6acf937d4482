import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface Baseline {
  readonly url: string
  stop(): void
}

/** Starts the bare server of a sale as a separate process; resolves once it listens. */
export async function startBaseline(
  sale: { readonly sale: string; readonly stock: number; readonly rate: number },
  signal: AbortSignal,
): Promise<Baseline> {
  signal.throwIfAborted()
  const baseline = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: { ...process.env, BASELINE: JSON.stringify(sale) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const died = once(baseline, 'exit').then(() => Promise.reject(new Error('The bare server ended before it listened.')))
  const [line] = (await Promise.race([once(baseline.stdout, 'data', { signal }), died])) as [Buffer]
  died.catch(() => undefined)
  return { url: String(line).trim(), stop: () => void baseline.kill() }
}
