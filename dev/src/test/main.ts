import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startToObtain } from '@floodgate/local-servers'
import { lanesOf, runInLanes } from './lanes.ts'
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
  const print = (text: string): void => void process.stdout.write(text)
  const lanes = lanesOf(process.env.FLOODGATE_LANES)
  const required = (process.env.FLOODGATE_REQUIRE ?? '').split(',').map((name) => name.trim())
  const met = startToObtain(new Set(chosen.flatMap(({ needs }) => needs)), (line) => print(`· ${line}\n`))
  const directory = await mkdtemp(join(tmpdir(), 'floodgate-report-'))
  const leftOut: LeftOut[] = []
  const stop = new AbortController()
  process.on('SIGINT', () => stop.abort()).on('SIGTERM', () => stop.abort())
  let results: readonly (PartResult | undefined)[] = []
  try {
    results = await runInLanes(chosen, {
      lanes,
      untilKnown: ({ needs }) => Promise.all(needs.map((need) => met.get(need))),
      run: runUnlessAbsent,
    })
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  const finished = results.filter((result) => result !== undefined)
  print(`${closingReport(finished, leftOut)}\n`)
  process.exitCode = stop.signal.aborted || totals(finished, leftOut).failed > 0 ? 1 : 0

  async function runUnlessAbsent(part: Part, isAlone: boolean): Promise<PartResult | undefined> {
    const absence = await absenceOf(part)
    if (absence !== undefined) leftOut.push(absence)
    if (absence !== undefined || stop.signal.aborted) return undefined
    const title = `\n── ${part.name}: ${part.about}\n`
    if (isAlone) {
      print(title)
      return runPart(part, { directory, isLive: true, signal: stop.signal, print })
    }
    // The output of two parts would mix: each is printed at its end.
    print(`· ${part.name} has started\n`)
    const output = [title]
    const collect = (text: string): void => void output.push(text)
    const result = await runPart(part, { directory, isLive: false, signal: stop.signal, print: collect })
    print(output.join(''))
    return result
  }

  async function absenceOf(part: Part): Promise<LeftOut | undefined> {
    for (const need of part.needs) {
      const why = await met.get(need)
      const isRequired = required.includes(need) || required.includes(part.name)
      if (why !== undefined) return { part: part.name, need, why, required: isRequired }
    }
    return undefined
  }
}
