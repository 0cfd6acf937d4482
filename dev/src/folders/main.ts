import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { findTwoWayFolders } from './two-way-folders.ts'

const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  encoding: 'utf8',
})
// Files deleted but not yet committed as such are listed, too.
const files = listed.split('\n').filter((file) => file !== '' && !file.includes('/generated/') && existsSync(file))
const found = findTwoWayFolders(new Map(files.map((file) => [file, readFileSync(file, 'utf8')])))

if (found.length > 0) {
  const pairs = found.map(({ folders, imports }) => [folders, ...imports.map((line) => `  ${line}`)].join('\n'))
  process.stderr.write(`Folders that import each other:\n${pairs.join('\n')}\n`)
  process.exitCode = 1
}
