import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchResult, ThresholdResult } from '../bench.ts'
import { type Conditions, describeConditions } from '../machine/conditions.ts'
import { table } from '../report/table.ts'

/** Writes `<name>.json`, `<name>.md` and, where there is a plot, `<name>.svg`. */
export async function writeResult(
  directory: string,
  {
    name,
    conditions,
    result,
  }: { readonly name: string; readonly conditions: Conditions; readonly result: BenchResult },
): Promise<void> {
  await mkdir(directory, { recursive: true })
  const { title, thresholds, faults, details, plot } = result
  const document = { name, title, conditions, thresholds, faults, details }
  await writeFile(join(directory, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`)
  await writeFile(join(directory, `${name}.md`), resultPage(name, conditions, result))
  if (plot !== undefined) await writeFile(join(directory, `${name}.svg`), plot)
}

/** Renders the result as a Markdown page. Pure. */
export function resultPage(name: string, conditions: Conditions, result: BenchResult): string {
  const parts = [
    `# ${result.title}`,
    `\`npm run bench -- ${name}\``,
    result.faults.length === 0
      ? ''
      : `**This run does not count:**\n\n${result.faults.map((fault) => `- ${fault}`).join('\n')}`,
    result.thresholds.length === 0 ? '' : thresholdTable(result.thresholds),
    result.markdown.trim(),
    result.plot === undefined ? '' : `![${result.title}](${name}.svg)`,
    describeConditions(conditions),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Renders the thresholds with the measured values. Pure. */
export function thresholdTable(thresholds: readonly ThresholdResult[]): string {
  return table(
    ['what', 'threshold', 'measured', 'reached'],
    thresholds.map(({ what, threshold, measured, reached }) => [what, threshold, measured, reached ? 'yes' : '**no**']),
  )
}
