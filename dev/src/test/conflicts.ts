import { spawnSync } from 'node:child_process'

/** Lines that a merge leaves where it could not decide: no other check reads documents. */
const MARKERS = '^(<<<<<<<|>>>>>>>) '

const { stdout, status } = spawnSync('git', ['grep', '--line-number', '--extended-regexp', MARKERS], {
  encoding: 'utf8',
})
// `git grep` exits 1 when it finds nothing.
if (status !== 1) {
  process.stderr.write(`Conflicts that were committed, or git failed:\n${stdout}\n`)
  process.exitCode = 1
}
