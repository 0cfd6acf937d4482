import { join } from 'node:path'
import { obtain } from '@floodgate/local-servers'
import { benches } from './benches.ts'
import { benchHelp, overview } from './cli/help.ts'
import { type Command, parseCommand } from './cli/parse-command.ts'
import { runBench } from './cli/run-bench.ts'
import { writeTable } from './table/write-table.ts'
import { exitCodes, UsageError } from './usage-error.ts'

const RESULTS = join(import.meta.dirname, '../results')

const print = (text: string): void => void process.stdout.write(text)

process.exitCode = await main(parseCommand(benches, process.argv.slice(2)))

async function main(command: Command): Promise<number> {
  switch (command.kind) {
    case 'help':
      print(command.bench === undefined ? overview(benches) : benchHelp(command.bench))
      return 0
    case 'wrong':
      process.stderr.write(`${command.problem}\nSee npm run bench -- --help.\n`)
      return exitCodes.usage
    case 'table':
      print(`${await writeTable(command.results ?? RESULTS)}\n`)
      return 0
    case 'run':
      return runAll(command)
  }
}

async function runAll(command: Extract<Command, { kind: 'run' }>): Promise<number> {
  const { small } = command
  const needsRedis = command.benches.some((bench) => bench.startsSystem?.(command.valuesOf(bench)) ?? true)
  const needs = new Set([...(needsRedis ? ['redis' as const] : []), ...command.benches.flatMap((bench) => bench.needs)])
  const missing = await obtain(needs, (line) => print(`· ${line}\n`))
  if (missing.size > 0) {
    process.stderr.write(`${[...missing.values()].join('\n')}\n`)
    return 1
  }
  const interruption = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      print('\nInterrupted; stopping all started processes.\n')
      interruption.abort()
    })
  }
  const results = command.results ?? (small ? undefined : RESULTS)
  let good = true
  for (const bench of command.benches) {
    if (interruption.signal.aborted) break
    try {
      const values = command.valuesOf(bench)
      good = (await runBench(bench, { values, small, results, print, signal: interruption.signal })) && good
    } catch (error) {
      if (error instanceof UsageError) {
        process.stderr.write(`${error.message}\n`)
        return error.exitCode
      }
      good = false
      if (!interruption.signal.aborted)
        process.stderr.write(`${bench.name} failed: ${error instanceof Error ? error.stack : error}\n`)
    }
  }
  if (results !== undefined) await writeTable(results)
  return good && !interruption.signal.aborted ? 0 : 1
}
