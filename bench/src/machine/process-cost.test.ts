import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { readProcessCost } from './process-cost.ts'

it('counts the children of a process with it', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  try {
    const alone = await readProcessCost(process.pid)
    const together = await readProcessCost(process.pid, { tree: true })
    expect(alone.cpuMs).toBeGreaterThan(0)
    expect(together.residentKib).toBeGreaterThan(alone.residentKib)
  } finally {
    child.kill()
  }
})
