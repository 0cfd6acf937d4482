import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Returns the folders of all apps and packages in a repository. Ignores one without a manifest: files of an older
 * version, since git does not delete what it ignores.
 */
export function workspaceFolders(repository: string): readonly string[] {
  return ['apps', 'packages']
    .flatMap((parent) => readdirSync(join(repository, parent)).map((name) => join(repository, parent, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')))
}
