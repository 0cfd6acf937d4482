import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The folders of all apps and packages below a repository. One without a manifest is none: what a version of before left
 * there, since git does not delete what it ignores.
 */
export function workspaceFolders(repository: string): readonly string[] {
  return ['apps', 'packages']
    .flatMap((parent) => readdirSync(join(repository, parent)).map((name) => join(repository, parent, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')))
}
