import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Api, createDocument } from '@floodgate/http'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'

/** Writes the OpenAPI documents to docs/openapi; with `--check` it compares them only. */
const checkOnly = process.argv.includes('--check')
const directory = join(repository, 'docs/openapi')
const stale: string[] = []
await mkdir(directory, { recursive: true })
await Promise.all(appNames.map(update))
if (stale.length > 0) {
  process.stderr.write(`${stale.join(' and ')}: not what the routes say. Run: npm run api-docs\n`)
  process.exitCode = 1
}

async function update(app: string): Promise<void> {
  const { api } = (await import(join(repository, 'apps', app, 'src/api.ts'))) as { api: Api }
  const after = `${JSON.stringify(createDocument(api), null, 2)}\n`
  const name = `${app}.json`
  const before = await readFile(join(directory, name), 'utf8').catch(() => '')
  if (after === before) return
  if (checkOnly) stale.push(`docs/openapi/${name}`)
  else await writeFile(join(directory, name), after)
}
