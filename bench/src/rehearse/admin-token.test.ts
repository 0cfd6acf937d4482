import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readAdminToken } from './admin-token.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'floodgate-token-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

it('takes the token from the named file, otherwise from ADMIN_TOKEN', async () => {
  const file = join(directory, 'token')
  await writeFile(file, ' of-the-file\n')
  expect(await readAdminToken(file, { ADMIN_TOKEN: 'of-the-environment' })).toBe('of-the-file')
  expect(await readAdminToken('', { ADMIN_TOKEN: 'of-the-environment' })).toBe('of-the-environment')
})

it('an error says what to set when the token is missing', async () => {
  await expect(readAdminToken('', {})).rejects.toThrow('set ADMIN_TOKEN or name --admin-token-file')
  await expect(readAdminToken(join(directory, 'nothing'), {})).rejects.toThrow(/cannot be read: ENOENT/)
  const empty = join(directory, 'empty')
  await writeFile(empty, '\n')
  await expect(readAdminToken(empty, {})).rejects.toThrow(/is empty/)
})
