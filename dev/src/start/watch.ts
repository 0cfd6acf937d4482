import { readFileSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { type AppName, appNames, isAppName } from '../system/names.ts'
import { repository } from '../system/node-process.ts'
import type { System } from '../system/types.ts'
import { workspaceFolders } from '../system/workspace-folders.ts'

const DEBOUNCE_MS = 200

/** Restarts the app whose sources changed; a change in a package restarts the apps that use it. */
export function watchSources(options: {
  readonly system: System
  print(text: string): void
  readonly signal: AbortSignal
}): void {
  const { system, print, signal } = options
  const dependencies = readDependencies()
  const changed = new Set<AppName>()
  let timer: NodeJS.Timeout | undefined
  let restarting: Promise<void> = Promise.resolve()

  const restartChanged = (): void => {
    const apps = [...changed].filter((app) => system.pidsOf(app).length > 0)
    changed.clear()
    if (apps.length === 0) return
    print(`· restarting ${apps.join(', ')}: sources changed`)
    restarting = restarting
      .then(() => Promise.all(apps.map((app) => system.restartApp(app))))
      .then(
        () => print(`✓ ${apps.join(', ')}`),
        (error: unknown) => print(`✗ ${error instanceof Error ? error.message : String(error)}`),
      )
  }
  for (const folder of ['apps', 'packages']) {
    watch(join(repository, folder), { recursive: true, signal }, (_, file) => {
      for (const app of appsAffectedBy(folder, file ?? '', dependencies)) changed.add(app)
      clearTimeout(timer)
      timer = setTimeout(restartChanged, DEBOUNCE_MS)
    })
  }
}

/** The packages of the workspace that an app or package uses at run time, by folder name. */
export type Dependencies = ReadonlyMap<string, readonly string[]>

const scope = '@floodgate/'

function readDependencies(): Dependencies {
  return new Map(
    workspaceFolders(repository).map((folder) => {
      const text = readFileSync(join(folder, 'package.json'), 'utf8')
      const manifest = JSON.parse(text) as { dependencies?: Record<string, string> }
      const used = Object.keys(manifest.dependencies ?? {}).filter((each) => each.startsWith(scope))
      return [basename(folder), used.map((each) => each.slice(scope.length))]
    }),
  )
}

/** Returns the apps that must be restarted when a file changes. Pure. */
export function appsAffectedBy(folder: string, file: string, dependencies: Dependencies): readonly AppName[] {
  const [owner = '', ...rest] = file.split('/')
  const path = rest.join('/')
  if (!path.startsWith('src/') || /\.test\.ts$/.test(path) || !/\.(ts|lua|sql)$/.test(path)) return []
  if (folder === 'apps') return isAppName(owner) ? [owner] : []
  const uses = (user: string): boolean => (dependencies.get(user) ?? []).some((used) => used === owner || uses(used))
  return appNames.filter(uses)
}
