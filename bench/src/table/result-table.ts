import { describeConditions } from '../machine/conditions.ts'
import { table } from '../report/table.ts'
import type { MeasuredResult } from './measured-result.ts'
import { type Promised, promises } from './promises.ts'

/** The page over all results: what was promised beside what was measured. Pure. */
export function resultTable(results: readonly MeasuredResult[]): string {
  const rows = promises.flatMap((promised) => rowsOf(promised, results))
  return `# What is to be reached, and what was measured

This page is made from the JSON files beside it, after every run and by \`npm run bench -- table\`. On two cores, everything on
the same machine, load generator included. Ratios and counts decide; an absolute rate tells as much of the machine as of the
code. How to read it, and how not to fool oneself: [bench/README.md](../README.md).

${table(['to be reached', 'bar', 'measured', 'reached', 'machine just then', 'result'], rows)}

${results.length === 0 ? 'No result is kept here yet.\n' : everything(results)}`
}

function rowsOf(promised: Promised, results: readonly MeasuredResult[]): string[][] {
  const rows = promised.measuredBy.flatMap(({ bench, beginning, but = [] }) => {
    const result = results.find(({ name }) => name === bench)
    const bars = (result?.bars ?? []).filter(
      ({ what }) =>
        (beginning === undefined || beginning.some((start) => what.startsWith(start))) &&
        !but.some((start) => what.startsWith(start)),
    )
    if (result === undefined || bars.length === 0) return []
    return bars.map(({ what, bar, measured, reached }) => {
      const verdict = result.faults.length > 0 ? '**does not count**' : reached ? 'yes' : '**no**'
      return [what, bar, measured, verdict, machineOf(result), linkTo(result)]
    })
  })
  const missing = promised.measuredBy.filter(({ bench }) => !results.some(({ name }) => name === bench))
  const open = missing.map(({ bench }) => [
    ...[promised.what, '–', 'not measured yet', '–', '–', `\`npm run bench -- ${bench}\``],
  ])
  return [...rows, ...open]
}

const everything = (results: readonly MeasuredResult[]): string => {
  const rows = results.map((result) => {
    const verdict = result.faults.length === 0 ? 'yes' : `**no:** ${result.faults.join('; ')}`
    return [linkTo(result), result.title, verdict, describeConditions(result.conditions)]
  })
  return `## Every result\n\n${table(['result', 'what', 'counts', 'conditions'], rows)}\n`
}

const linkTo = ({ name }: MeasuredResult): string => `[${name}](${name}.md)`

const machineOf = ({ conditions }: MeasuredResult): string =>
  `${conditions.cores} cores, load ${conditions.loadBefore.toFixed(1)}, calibration ${Math.round(conditions.calibration / 1_000)}k, ${conditions.at.slice(0, 10)}`
