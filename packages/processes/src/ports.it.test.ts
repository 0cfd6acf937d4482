import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { expect, test } from 'vitest'
import { isSameProcess, processIdentity } from './identity.ts'
import { assertPortFree, freePort, freePorts, PortInUse, portHolder } from './ports.ts'
import { reservePort } from './reserve-port.ts'

test('a port in use is reported with the pid and the command of its holder', async () => {
  const port = await freePort()
  await assertPortFree(port, '127.0.0.1')
  expect(await portHolder(port)).toBeUndefined()

  const server = await listen(port)
  try {
    expect(await portHolder(port)).toMatchObject({ pid: process.pid, command: expect.stringContaining('node') })
    const rejection = assertPortFree(port, '127.0.0.1')
    await expect(rejection).rejects.toThrow(PortInUse)
    await expect(rejection).rejects.toThrow(`pid ${process.pid}`)
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
})

test('free ports differ and lie outside the range of outgoing connections', async () => {
  const ports = await freePorts(20)
  expect(new Set(ports).size).toBe(20)
  expect(Math.max(...ports)).toBeLessThan(32_768)
})

test('a port belongs to the process that got it first, until that process is killed', async () => {
  const code = `import { freePort } from ${JSON.stringify(new URL('ports.ts', import.meta.url).href)}
console.log(await freePort())
setInterval(() => {}, 1_000)`
  const owner = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = Number(String((await once(owner.stdout, 'data'))[0]))
  expect(await reservePort(port)).toBe(false)
  owner.kill('SIGKILL')
  await once(owner, 'close')
  expect(await reservePort(port)).toBe(true)
  expect(await reservePort(port)).toBe(false)
})

test('a process is recognised by pid and start time, not by the pid alone', async () => {
  const identity = await processIdentity(process.pid)
  if (identity === undefined) throw new Error('This process has no identity.')
  expect(await isSameProcess(identity)).toBe(true)
  expect(await isSameProcess({ ...identity, startTime: identity.startTime - 1 })).toBe(false)
})

function listen(port: number): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}
