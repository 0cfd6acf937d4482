import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asyncApiDocument } from '@floodgate/contracts'
import { type Api, createDocument } from '@floodgate/http'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'

/** Writes docs/openapi from the routes of the apps and docs/asyncapi.json from the events; with `--check`, only compares. */
const checkOnly = process.argv.includes('--check')
const stale: string[] = []
await mkdir(join(repository, 'docs/openapi'), { recursive: true })
await Promise.all([...appNames.map(updateApp), update('docs/asyncapi.json', asyncApiDocument())])
if (stale.length > 0) {
  process.stderr.write(`${stale.join(' and ')}: differs from the contracts. Run: npm run api-docs\n`)
  process.exitCode = 1
}

async function updateApp(app: string): Promise<void> {
  const { api } = (await import(join(repository, 'apps', app, 'src/api.ts'))) as { api: Api }
  await update(`docs/openapi/${app}.json`, createDocument(api))
}

async function update(name: string, document: object): Promise<void> {
  const after = `${JSON.stringify(document, null, 2)}\n`
  const path = join(repository, name)
  const before = await readFile(path, 'utf8').catch(() => '')
  if (after === before) return
  if (checkOnly) stale.push(name)
  else await writeFile(path, after)
}
