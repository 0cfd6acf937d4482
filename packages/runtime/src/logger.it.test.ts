import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, expect, it } from 'vitest'

const LINES = 200_000
const LAST_WORDS = 'last words'
/** Logs when its standard input ends. */
const program = (afterwards: string) => `
  import { createLogger } from ${JSON.stringify(new URL('./logger.ts', import.meta.url).href)}
  const log = createLogger({ app: 'waiting-room', level: 'info' })
  process.stdin.on('end', () => {
    for (let line = 0; line < ${LINES}; line += 1) log.info({ line }, '${LAST_WORDS}')
    ${afterwards}
  })
  process.stdin.resume()
  log.info({}, 'ready')`

let child: ReturnType<typeof start>
function start(afterwards: string) {
  return spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program(afterwards)],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  )
}
afterEach(() => void child.kill('SIGKILL'))

it('a process ends although nobody reads its log any more', async () => {
  child = start('process.exit(0)')
  await once(child.stdout, 'data')
  child.stdout.destroy()
  await once(child.stdout, 'close')
  child.stdin.end()
  expect(await once(child, 'exit')).toEqual([0, null])
})

it('what a reader of the log missed is bounded, and counted', async () => {
  child = start("console.error('logged')")
  await once(child.stdout, 'readable')
  child.stdin.end()
  await once(child.stderr, 'data')
  let read = 0
  let dropped = 0
  for await (const line of createInterface({ input: child.stdout })) {
    const { message, lines } = JSON.parse(line)
    if (message === LAST_WORDS) read += 1
    if (message === 'log lines dropped: nobody read them') dropped = lines
    if (dropped > 0) break
  }
  expect(dropped).toBeGreaterThan(LINES / 2)
  expect(read + dropped).toBe(LINES)
})
