import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'

/** Logs and exits when its standard input ends. */
const PROGRAM = `
  import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)}
  const log = createLogger({ app: 'waiting-room', level: 'info' })
  process.stdin.on('end', () => {
    for (let line = 0; line < 100; line += 1) log.info({ line }, 'last words')
    process.exit(0)
  })
  process.stdin.resume()
  log.info({}, 'ready')`

it('a process ends although nobody reads its log any more', async () => {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', PROGRAM],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  try {
    await once(child.stdout, 'data')
    child.stdout.destroy()
    await once(child.stdout, 'close')
    child.stdin.end()
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
  }
})
