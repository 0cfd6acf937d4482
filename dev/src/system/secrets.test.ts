import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureSecrets } from './secrets.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secrets-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('secrets are created once, and a file from before payment methods were sealed is completed', async () => {
  const made = await ensureSecrets(directory)
  expect(await ensureSecrets(directory)).toEqual(made)
  const { paymentKey, ...before } = made
  const file = join(directory, 'secrets.json')
  await writeFile(file, JSON.stringify(before))
  const completed = await ensureSecrets(directory)
  expect(completed).toEqual({ ...before, paymentKey: expect.stringMatching(/^[\w-]{43}$/) })
  expect(completed.paymentKey).not.toBe(paymentKey)
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(completed)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})
