import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Need, obtain } from '@floodgate/local-servers'
import { type Part, parts, selectParts } from './parts.ts'
import { closingReport, type LeftOut, totals } from './report.ts'
import { type PartResult, runPart } from './run-part.ts'

const selection = selectParts(process.argv.slice(2))
if (selection.kind === 'unknown') {
  const known = parts.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')
  process.stderr.write(`No part is called ${selection.names.join(', ')}. The parts:\n${known}\n`)
  process.exitCode = 2
} else await run(selection.parts)

async function run(chosen: readonly Part[]): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  const required = (process.env.FLOODGATE_REQUIRE ?? '').split(',').map((name) => name.trim())
  const missing = await obtain(new Set(chosen.flatMap(({ needs }) => needs)), (line) => print(`· ${line}`))
  const directory = await mkdtemp(join(tmpdir(), 'floodgate-report-'))
  // Stories that need Kafka read this instead of checking for it themselves.
  const environment = { FLOODGATE_MISSING: [...missing.keys()].join(',') }
  const results: PartResult[] = []
  const leftOut: LeftOut[] = []
  let interrupted = false
  const interrupt = (): void => {
    interrupted = true
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    for (const part of chosen) {
      const lacking = part.needs.find((need) => missing.has(need))
      if (lacking !== undefined) leftOut.push(absence(part, lacking))
      else if (!interrupted) {
        print(`\n── ${part.name}: ${part.about}`)
        results.push(await runPart(part, { directory, environment }))
      }
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  print(closingReport(results, leftOut))
  process.exitCode = interrupted || totals(results, leftOut).failed > 0 ? 1 : 0

  function absence(part: Part, need: Need): LeftOut {
    const isRequired = required.includes(need) || required.includes(part.name)
    return { part: part.name, need, why: missing.get(need) ?? '', required: isRequired }
  }
}
