import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { eventually, temporaryDirectory } from '@floodgate/testkit'
import { silentLogger } from '@floodgate/testkit/fixtures'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKeyFile, createKeySet } from './create-key-file.ts'
import { openKeyFile } from './key-file.ts'
import { createAdmissionSigner } from './sign-admission.ts'
import { createTickets } from './tickets.ts'

const HOUR = 3_600_000
const slot = { slot: 's-1', buyer: 'b', place: 1, admittedMs: 1_000, deadlineMs: Date.now() + HOUR, kid: '' }

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
beforeAll(async () => {
  directory = await temporaryDirectory()
})
afterAll(() => directory.remove())

const keysIn = async (path: string) => (JSON.parse(await readFile(path, 'utf8')) as { keys: object[] }).keys
const replace = async (path: string, keys: readonly object[]) => {
  await writeFile(`${path}.new`, JSON.stringify({ keys }))
  await rename(`${path}.new`, path)
}

describe('the key file', () => {
  it('is printed by its command, for a container that shares no folder with its caller', async () => {
    const command = fileURLToPath(new URL('./create-key-file.ts', import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [command, '-'])
    const path = `${directory.path}/printed.json`
    await writeFile(path, stdout)
    const file = await openKeyFile(path, silentLogger, { lookEveryMs: HOUR })
    expect(file.current().publicJwks.keys).toHaveLength(1)
    file.stop()
  })

  it('is read again: a future key is published before it signs, and older tokens stay valid', async () => {
    const path = `${directory.path}/rotated.json`
    await createKeyFile(path)
    const file = await openKeyFile(path, silentLogger, { lookEveryMs: 20 })
    const first = file.current().admissionKey(Date.now()).kid
    const tickets = createTickets(file.current)
    const ticket = { sale: 's', buyer: 'b', place: 7 }
    const { token: old } = tickets.sign(ticket)

    const coming = (await createKeySet(Date.now() + HOUR)).keys
    await replace(path, [...(await keysIn(path)), ...coming])
    const next = coming.find((key) => key.kty === 'OKP')?.kid
    await eventually(() => expect(file.current().publicJwks.keys.map((key) => key.kid)).toEqual([first, next]))
    expect(file.current().admissionKey(Date.now()).kid).toBe(first)
    expect(file.current().admissionKey(Date.now() + 2 * HOUR).kid).toBe(next)
    const signAdmission = createAdmissionSigner({ keys: file.current, issuer: 'i', audience: 'a' })
    const pass = signAdmission('s', { ...slot, kid: first })
    expect(decodeProtectedHeader(pass.admission).kid).toBe(first)

    // Without a cache: verified again, with the current keys and after the new one took over.
    expect(await createTickets(file.current).verify(old)).toMatchObject(ticket)
    const later = createTickets(file.current, () => Date.now() + 2 * HOUR)
    expect(await later.verify(old)).toMatchObject(ticket)
    expect(decodeProtectedHeader(later.sign(ticket).token).kid).not.toBe(decodeProtectedHeader(old).kid)
    file.stop()
  })

  it('that gets broken, or has only future keys, leaves the known keys in use', async () => {
    const path = `${directory.path}/broken.json`
    await createKeyFile(path)
    const complaints: string[] = []
    const log = { ...silentLogger, error: (_: object, message: string) => void complaints.push(message) }
    const file = await openKeyFile(path, log, { lookEveryMs: 20 })
    const { kid } = file.current().admissionKey(Date.now())
    await replace(path, (await createKeySet(Date.now() + HOUR)).keys)
    await eventually(() => expect(complaints).toHaveLength(1))
    await writeFile(path, '{')
    await eventually(() => expect(complaints).toHaveLength(2))
    expect(file.current().admissionKey(Date.now()).kid).toBe(kid)
    file.stop()
  })

  it.each([
    ['is missing', undefined, 'there is no such file'],
    ['is not JSON', '{', 'it is not JSON'],
    ['has no keys', '{"keys":[]}', 'needs an Ed25519 key'],
  ])('that %s is a wrong configuration: exit code 78 and the command that helps', async (name, content, reason) => {
    const path = `${directory.path}/${name.replaceAll(' ', '-')}.json`
    if (content !== undefined) await writeFile(path, content)
    const child = spawn(process.execPath, [new URL('../main.ts', import.meta.url).pathname], {
      cwd: directory.path,
      env: {
        PATH: process.env.PATH,
        PORT: '0',
        OPS_PORT: '0',
        DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
        REDIS_URL: 'redis://127.0.0.1:1',
        ADMIN_TOKEN: 'an-operator-token-for-tests',
        FLOODGATE_KEYS: path,
      },
    })
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    const [code] = await once(child, 'exit')
    expect(said).toContain(reason)
    expect(said).toContain('create-key-file.ts')
    expect(said).not.toContain('    at ')
    expect(code).toBe(78)
  })
})
