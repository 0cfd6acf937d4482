import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { readProcessCost } from './process-cost.ts'

it('keeps the CPU time of an ended child', async () => {
  const burn = 'while (process.cpuUsage().user < 200_000);'
  const parent = spawn(process.execPath, [
    '-e',
    `
    require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}])
    process.stdout.write('over')
    setInterval(() => undefined, 1e6)`,
  ])
  try {
    await once(parent.stdout, 'data')
    const pid = parent.pid ?? 0
    const alone = await readProcessCost(pid)
    const together = await readProcessCost(pid, { tree: true })
    expect(together.cpuMs - alone.cpuMs).toBeGreaterThanOrEqual(100)
  } finally {
    parent.kill()
  }
})

it('includes the children of a process', async () => {
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

it('tolerates children that end while it counts', async () => {
  const parent = spawn('sh', ['-c', 'while :; do sleep 0.001; done'])
  try {
    for (let looks = 0; looks < 50; looks += 1) {
      const { residentKib } = await readProcessCost(parent.pid ?? 0, { tree: true })
      expect(residentKib).toBeGreaterThan(0)
    }
  } finally {
    parent.kill()
  }
})

it('rejects when the process does not exist', async () => {
  const child = spawn('true')
  await once(child, 'exit')
  await expect(readProcessCost(child.pid ?? 0, { tree: true })).rejects.toThrow(/ENOENT/)
})
