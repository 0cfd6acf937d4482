import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Matches tests that never run: the linter finds `.skip` and `.only`, this also `.todo` and the conditional ones. */
const leftOut = /\b(?:describe|suite|test|it)(?:\.\w+)*\.(?:skip|only|todo|skipIf|runIf|fails)\b/

const files = execFileSync('git', [
  'ls-files',
  '--cached',
  '--others',
  '--exclude-standard',
  '*.test.ts',
  '*.story.ts',
  '*.browser.ts',
])
const found = String(files)
  .split('\n')
  .filter((file) => file !== '')
  .flatMap((file) => {
    const lines = readOrEmpty(file).split('\n')
    return lines.flatMap((line, index) => (leftOut.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []))
  })

if (found.length > 0) {
  process.stderr.write(`Tests that do not run:\n${found.join('\n')}\n`)
  process.exitCode = 1
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // Deleted, but not yet committed as such.
  }
}
