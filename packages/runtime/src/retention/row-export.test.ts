import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRowExport } from './row-export.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'export-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('rows are written as gzipped JSON lines that only the owner can read, and no other file remains', async () => {
  const rowExport = createRowExport(directory)
  await rowExport.check()
  await rowExport.write('orders.orders', ['{"id":1}', '{"id":2}'])
  await rowExport.write('orders.orders', [])
  const [name = '', ...others] = await readdir(directory)
  expect(others).toEqual([])
  expect(name).toMatch(/^orders\.orders\.\d{4}-\d\d-\d\dT[\d.-]+Z\.[\da-f-]{36}\.jsonl\.gz$/)
  expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
  expect(gunzipSync(await readFile(join(directory, name))).toString()).toBe('{"id":1}\n{"id":2}\n')
})

test('a missing directory, or a path that is not one, is rejected', async () => {
  await expect(createRowExport(join(directory, 'missing')).check()).rejects.toThrow('ENOENT')
  await writeFile(join(directory, 'file'), '')
  await expect(createRowExport(join(directory, 'file')).check()).rejects.toThrow('ENOTDIR')
})

test('without a directory nothing is exported', async () => {
  const rowExport = createRowExport(undefined)
  await rowExport.check()
  await rowExport.write('orders.orders', ['{}'])
})
