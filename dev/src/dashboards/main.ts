import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../system/node-process.ts'
import { buildDashboard } from './panels.ts'
import { DASHBOARDS } from './plans.ts'

const checkOnly = process.argv.includes('--check')
const folder = join(repository, 'ops/dashboards')
const stale: string[] = []
await mkdir(folder, { recursive: true })
for (const [name, plan] of Object.entries(DASHBOARDS)) {
  const path = join(folder, `${name}.json`)
  const text = `${JSON.stringify(buildDashboard(plan), null, 2)}\n`
  const before = await readFile(path, 'utf8').catch(() => '')
  if (before === text) continue
  if (checkOnly) stale.push(name)
  else await writeFile(path, text)
}
if (stale.length > 0) {
  process.stderr.write(
    `ops/dashboards: ${stale.join(' and ')} differ from dev/src/dashboards. Run: npm run dashboards\n`,
  )
  process.exitCode = 1
}
