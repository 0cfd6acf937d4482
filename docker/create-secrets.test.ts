import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'

const run = promisify(execFile)
let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'floodgate-secrets-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const create = (...options: string[]) =>
  run(process.execPath, [join(import.meta.dirname, 'create-secrets.ts'), directory, ...options])
const read = (name: string) => readFile(join(directory, name), 'utf8')

it('a run after one that was killed between two files creates matching secrets, and a third changes nothing', async () => {
  await writeFile(join(directory, 'postgres-password'), 'made-before')
  await writeFile(join(directory, 'secrets.env.part'), 'DATABASE_URL=postgresql://flood')
  await create()
  expect(await read('postgres-password')).toBe('made-before')
  expect(await read('secrets.env')).toMatch(
    /^DATABASE_URL=postgresql:\/\/floodgate:made-before@postgres:5432\/floodgate$/m,
  )
  const names = ['keys.json', 'postgres-password', 'secrets.env']
  expect((await readdir(directory)).toSorted()).toEqual(names)
  const made = await Promise.all(names.map(read))
  await create()
  expect(await Promise.all(names.map(read))).toEqual(made)
})

it('the secrets are printed on request only, and an unknown option changes nothing', async () => {
  await expect(create('--shw')).rejects.toMatchObject({ code: 64 })
  expect(await readdir(directory)).toEqual([])
  expect((await create()).stdout).not.toContain('ADMIN_TOKEN')
  expect((await create('--show')).stdout).toBe(await read('secrets.env'))
})
