import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const pnpm = 'pnpm@12.21.0'

interface Instruction {
  readonly verb: string
  readonly words: readonly string[]
}
interface Stage {
  readonly base: string
  readonly name: string
  readonly instructions: readonly Instruction[]
}

/** Parses the stages of a Dockerfile, with the steps of each. Pure; supports what ours uses. */
const parseDockerfile = (text: string): Stage[] => {
  const stages: { base: string; name: string; instructions: Instruction[] }[] = []
  for (const line of text.split('\n')) {
    const [verb, ...words] = line.trim().split(/\s+/)
    if (verb === undefined || verb === '' || verb.startsWith('#')) continue
    if (verb === 'FROM') stages.push({ base: words[0] ?? '', name: words[2] ?? 'final', instructions: [] })
    else stages.at(-1)?.instructions.push({ verb, words })
  }
  return stages
}

/**
 * Matches paths that `.dockerignore` excludes. Supports what ours uses: whole names anywhere, and paths from the root.
 */
const ignored = (patterns: readonly string[], relative: string): boolean =>
  patterns.some((pattern) => {
    if (pattern.startsWith('**/*')) return relative.endsWith(pattern.slice(4))
    if (pattern.startsWith('**/')) return relative.split('/').includes(pattern.slice(3))
    return relative === pattern || relative.startsWith(`${pattern}/`)
  })

/**
 * Builds the image's file tree as the Dockerfile says, without an engine: copies exactly what it copies and runs what
 * it runs inside `/floodgate`. Returns the directory that is the final stage's `/floodgate`.
 */
export async function buildImage(options: { repository: string; directory: string; node: string }): Promise<string> {
  const { repository, directory } = options
  const tools = join(directory, 'tools')
  await mkdir(tools, { recursive: true })
  await cp(options.node, join(tools, 'node'))
  await writeFile(join(tools, 'pnpm'), `#!/bin/sh\nexec npx --yes ${pnpm} "$@"\n`, { mode: 0o755 })
  const patterns = (await readFile(join(repository, '.dockerignore'), 'utf8')).split('\n').filter((line) => line !== '')
  const stages = parseDockerfile(await readFile(join(repository, 'Dockerfile'), 'utf8'))
  const rootOf = (stage: string) => join(directory, stage)
  const inner = (stage: string, path: string) => join(rootOf(stage), path.replace(/^\/floodgate/, ''))

  for (const stage of stages) {
    const root = rootOf(stage.name)
    await mkdir(root, { recursive: true })
    if (stages.some(({ name }) => name === stage.base)) await cp(rootOf(stage.base), root, copying)
    for (const { verb, words } of stage.instructions) {
      if (verb === 'COPY' && !isOfWorkspace(words)) continue
      const from = /^--from=(.+)$/.exec(words[0] ?? '')?.[1]
      if (verb === 'COPY' && from !== undefined) {
        await cp(inner(from, words[1] ?? ''), resolve(root, words[2] ?? ''), copying)
      } else if (verb === 'COPY') {
        for (const source of words.slice(0, -1)) {
          const target = words.length > 2 ? join(root, words.at(-1) ?? '', source) : resolve(root, words.at(-1) ?? '')
          await mkdir(dirname(target), { recursive: true })
          await cp(join(repository, source), target, {
            ...copying,
            filter: (path) => !ignored(patterns, path.slice(repository.length + 1)),
          })
        }
      } else if (verb === 'RUN' && isInside(words)) {
        const outside = words.find((word) => word.startsWith('/') && !word.startsWith('/floodgate'))
        if (outside !== undefined) throw new Error(`A step of the Dockerfile would change ${outside} of this machine.`)
        const env = { ...process.env, PATH: `${tools}:${process.env.PATH ?? ''}` }
        await run('sh', ['-c', words.join(' ')], { cwd: root, env, maxBuffer: 64 * 1024 * 1024 })
      }
    }
  }
  await chmod(directory, 0o755)
  return rootOf('final')
}

const copying = { recursive: true, verbatimSymlinks: true } as const

/** The root of the image, outside the workspace, has no counterpart here: this machine has its own Node and libraries. */
const isOfWorkspace = (words: readonly string[]): boolean =>
  words.every((word) => !word.startsWith('/') || word.startsWith('/floodgate'))

/** The base image's own preparation (global tools, directories outside the workspace) has no counterpart here. */
const isInside = (words: readonly string[]): boolean => words[0] === 'pnpm' || words[0] === 'node'
