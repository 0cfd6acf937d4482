type Cell = string | number

/** Formats a Markdown table; in a `numeric` one all columns except the first are aligned to the right. Pure. */
export function table(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  { numeric = false }: { readonly numeric?: boolean } = {},
): string {
  const marks = columns.map((_, index) => (numeric && index > 0 ? '---:' : '---'))
  return [line(columns), `|${marks.join('|')}|`, ...rows.map(line)].join('\n')
}

const line = (cells: readonly Cell[]): string =>
  `|${cells.map((cell) => (cell === '' ? ' ' : ` ${String(cell).replaceAll('|', '\\|')} `)).join('|')}|`
