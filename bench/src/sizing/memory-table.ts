import type { LineMemory } from './line-memory.ts'

const stages = ['waiting', 'inside', 'served', 'hourLater'] as const
const stageNames = {
  waiting: 'waiting',
  inside: 'inside',
  served: 'slot ended',
  hourLater: 'an hour later',
} as const satisfies Readonly<Record<(typeof stages)[number], string>>
/** Keys with less per buyer have the same size for any number of buyers. */
const SHOWN_BYTES_MIN = 0.05

/** Formats the memory per buyer of each key, stage by stage, as a table. Pure. */
export function memoryTable(measured: LineMemory): string {
  const { buyers } = measured
  const names = [...new Set(stages.flatMap((stage) => Object.keys(measured[stage].keys)))].toSorted()
  const each = (bytes: number): string => (bytes / buyers < SHOWN_BYTES_MIN ? '–' : digits(bytes / buyers))
  const rowOf = (name: string, cells: readonly string[]): string => `| ${name} | ${cells.join(' | ')} |`
  const rows = names.flatMap((name) => {
    const cells = stages.map((stage) => each((measured[stage].keys[name] ?? 0) - (measured.empty.keys[name] ?? 0)))
    return cells.every((cell) => cell === '–') ? [] : [rowOf(`\`${name}\``, cells)]
  })
  const sums = stages.map((stage) => {
    const total = Object.values(measured[stage].keys).reduce((sum, bytes) => sum + bytes, 0)
    return each(total - Object.values(measured.empty.keys).reduce((sum, bytes) => sum + bytes, 0))
  })
  return [
    rowOf('bytes per buyer', Object.values(stageNames)),
    `|---|${stages.map(() => '--:|').join('')}`,
    ...rows,
    rowOf('**together**', sums),
    rowOf(
      'besides: `log`, until it is archived',
      stages.map((stage) => each(measured[stage].log - measured.empty.log)),
    ),
  ].join('\n')
}

const digits = (value: number): string => (value < 10 ? value.toFixed(1) : value.toFixed(0))
