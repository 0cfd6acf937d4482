import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const preload = join(import.meta.dirname, 'default-signals.mjs')

/** Runs a program that prints a line and goes on; returns how SIGTERM ended it. */
async function endBySigterm(program: string): Promise<unknown[]> {
  const script = `${program}; setInterval(() => undefined, 1_000); console.log('runs')`
  const child = spawn(process.execPath, ['--import', preload, '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  return await exit
}

it('a program without a handler ends by SIGTERM with 143, and by its own handler otherwise', async () => {
  expect(await endBySigterm('0')).toEqual([143, null])
  expect(await endBySigterm("process.on('SIGTERM', () => process.exit(0))")).toEqual([0, null])
})
