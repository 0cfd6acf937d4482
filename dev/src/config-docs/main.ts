import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { COMMANDS, commandDocument } from '@floodgate/command'
import { type ConfigDefinition, configEnvExample, configTable } from '@floodgate/runtime'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'
import { chartSchema, chartSecrets } from './chart-settings.ts'
import { replaceSections } from './sections.ts'

const checkOnly = process.argv.includes('--check')
const definitions = await Promise.all(appNames.map(loadDefinition))
const stale: string[] = []
await update('.env.example', () => envExample(definitions))
await update('README.md', (text) =>
  replaceSections(text, new Map(definitions.map((each) => [`config:${each.app}`, configTable(each)]))),
)
await update('docs/operator-command.md', (text) =>
  replaceSections(text, new Map([['commands', commandDocument(COMMANDS)]])),
)
await update('ops/helm/floodgate/files/secrets.yaml', () => chartSecrets(definitions))
await update('ops/helm/floodgate/values.schema.json', (text) => chartSchema(text, definitions))
if (stale.length > 0) {
  process.stderr.write(
    `${stale.join(' and ')}: differs from the configuration schemas or the table of commands. Run: npm run config-docs\n`,
  )
  process.exitCode = 1
}

async function loadDefinition(app: string): Promise<ConfigDefinition> {
  const path = join(repository, 'apps', app, 'src/config.ts')
  const { definition } = (await import(path)) as { definition: ConfigDefinition }
  return definition
}

async function update(name: string, write: (text: string) => string): Promise<void> {
  const path = join(repository, name)
  const before = await readFile(path, 'utf8').catch(() => '')
  const after = write(before)
  if (after === before) return
  if (checkOnly) stale.push(name)
  else await writeFile(path, after)
}

function envExample(all: readonly ConfigDefinition[]): string {
  const heading = `# Settings of the four apps. A copy named .env is read by every app started in this directory; flags and the
# environment win over it. \`npm start\` needs none of this: it sets what it decides itself.
`
  return [heading, ...all.map(configEnvExample)].join('\n')
}
