// Migrates the database to this release, then exits. Containers run it before the apps. Settings: `--help`.
import { EXIT_CODE_CONFIGURATION } from '@floodgate/processes'
import { configHelp, databaseUrlSetting, defineConfig, loadConfig } from '@floodgate/runtime'
import { migrate } from './migrate.ts'

const definition = defineConfig({
  app: 'migrate',
  summary: 'migrates the database to this release',
  settings: { databaseUrl: databaseUrlSetting },
})
const loaded = loadConfig(definition, { argv: process.argv.slice(2), env: process.env })
switch (loaded.kind) {
  case 'help':
    process.stdout.write(configHelp(definition))
    break
  case 'invalid':
    process.stderr.write(`${loaded.problems.join('\n')}\n`)
    process.exit(EXIT_CODE_CONFIGURATION)
    break
  case 'check':
    process.stderr.write('migrate has no --check: that of an app says whether its database is migrated.\n')
    process.exit(EXIT_CODE_CONFIGURATION)
    break
  case 'config': {
    const onProgress = (line: string) => process.stdout.write(`${line}\n`)
    const { applied } = await migrate(loaded.config.databaseUrl, { onProgress })
    process.stdout.write(applied.length === 0 ? 'up to date\n' : `applied ${applied.join(', ')}\n`)
  }
}
