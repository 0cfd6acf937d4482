import { describeConditions } from '../machine/conditions.ts'
import { table } from '../report/table.ts'
import type { MeasuredResult } from './measured-result.ts'
import { type Target, targets } from './targets.ts'

/** Renders the page over all results: the targets next to the measured values. Pure. */
export function resultTable(results: readonly MeasuredResult[]): string {
  const rows = targets.flatMap((target) => rowsOf(target, results))
  return `# Targets and measured values

This page is generated from the JSON files next to it, after every run and by \`npm run bench -- table\`. On two cores, everything on the
same machine, load generator included. Ratios and counts decide; an absolute rate says as much about the machine as about the code. How to
read it, and how to avoid wrong conclusions: [bench/README.md](../README.md).

${table(['target', 'threshold', 'measured', 'reached', 'machine at that time', 'result'], rows)}

${results.length === 0 ? 'There is no result here yet.\n' : everything(results)}`
}

function rowsOf(target: Target, results: readonly MeasuredResult[]): string[][] {
  const rows = target.measuredBy.flatMap(({ bench, beginning, but = [] }) => {
    const result = results.find(({ name }) => name === bench)
    const thresholds = (result?.thresholds ?? []).filter(
      ({ what }) =>
        (beginning === undefined || beginning.some((start) => what.startsWith(start))) &&
        !but.some((start) => what.startsWith(start)),
    )
    if (result === undefined || thresholds.length === 0) return []
    return thresholds.map(({ what, threshold, measured, reached }) => {
      const outcome = result.faults.length > 0 ? '**does not count**' : reached ? 'yes' : '**no**'
      return [what, threshold, measured, outcome, machineOf(result), linkTo(result)]
    })
  })
  const missing = target.measuredBy.filter(({ bench }) => !results.some(({ name }) => name === bench))
  const open = missing.map(({ bench }) => [
    ...[target.what, '–', 'not measured yet', '–', '–', `\`npm run bench -- ${bench}\``],
  ])
  return [...rows, ...open]
}

const everything = (results: readonly MeasuredResult[]): string => {
  const rows = results.map((result) => {
    const outcome = result.faults.length === 0 ? 'yes' : `**no:** ${result.faults.join('; ')}`
    return [linkTo(result), result.title, outcome, describeConditions(result.conditions)]
  })
  return `## Every result\n\n${table(['result', 'what', 'counts', 'conditions'], rows)}\n`
}

const linkTo = ({ name }: MeasuredResult): string => `[${name}](${name}.md)`

const machineOf = ({ conditions }: MeasuredResult): string =>
  `${conditions.cores} cores, load ${conditions.loadBefore.toFixed(1)}, calibration ${Math.round(conditions.calibration / 1_000)}k, ${conditions.at.slice(0, 10)}`
