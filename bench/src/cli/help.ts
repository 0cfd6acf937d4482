import type { Bench } from '../bench.ts'

const groups: Readonly<Record<Bench['group'], string>> = {
  load: 'A crowd against a whole system',
  seeds: 'The loads that five flash-sale shops report, replayed here (`seeds` runs all of them)',
  compare: 'Comparisons (`compare` runs all of them)',
  cost: 'Costs',
  operate: 'Against your own deployment',
}

/** Lists the benches, by group. Pure. */
export function overview(benches: readonly Bench[]): string {
  const sections = Object.entries(groups).map(([group, title]) => {
    const lines = benches
      .filter((bench) => bench.group === group)
      .map(
        ({ name, about, needs }) => `  ${name.padEnd(16)}${about}${needs.length === 0 ? '' : ` [${needs.join(', ')}]`}`,
      )
    return lines.length === 0 ? '' : `${title}:\n${lines.join('\n')}\n`
  })
  return `npm run bench -- NAME… [options]

${sections.filter((section) => section !== '').join('\n')}
  all             everything that needs no target
  table runs nothing: renders the page over all results again

  --small a few seconds of each, decided by its counts only; writes no result
  --results DIR   the directory of the results (bench/results)
  --help          with a name: its options

Programs in brackets are installed when they are missing. How to read the results: bench/README.md.
`
}

/** Describes one bench with its options and their defaults. Pure. */
export function benchHelp({ name, about, options }: Bench): string {
  const lines = Object.entries(options).map(([option, { about: what, default: usual, small }]) => {
    const inSmall = small === undefined ? '' : `, small ${small}`
    return `  --${option.padEnd(20)}${what} (${usual === '' ? 'none' : usual}${inSmall})`
  })
  return `npm run bench -- ${name}\n\n${about}\n\n${lines.join('\n')}\n`
}
