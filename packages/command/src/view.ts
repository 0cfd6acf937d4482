/** What a person sees: a table, facts about one thing, text, or several of them. */
export type View =
  | {
      readonly kind: 'table'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
      readonly empty: string
    }
  | { readonly kind: 'facts'; readonly facts: readonly (readonly [string, Cell])[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'all'; readonly views: readonly View[] }
export type Cell = string | number | boolean | null | undefined

export interface Screen {
  /** Characters in a line; undefined: lines are not cut, as when a program reads them. */
  readonly width: number | undefined
  readonly isColoured: boolean
}

const GAP = '  '
const ELLIPSIS = '…'
/** The last column keeps at least this much of a narrow screen. */
const LAST_WIDTH_MIN = 10

/** Formats a view, with a line break at its end. Pure. */
export function formatView(view: View, screen: Screen): string {
  switch (view.kind) {
    case 'text':
      return view.text === '' ? '' : `${view.text}\n`
    case 'all':
      return view.views
        .map((each) => formatView(each, screen))
        .filter((text) => text !== '')
        .join('\n')
    case 'facts': {
      const width = Math.max(...view.facts.map(([name]) => name.length))
      return lines(view.facts.map(([name, value]) => `${name.padEnd(width)}${GAP}${cellText(value)}`))
    }
    case 'table':
      return view.rows.length === 0 ? `${view.empty}\n` : formatTable(view, screen)
  }
}

function formatTable({ columns, rows }: Extract<View, { kind: 'table' }>, screen: Screen): string {
  const texts = rows.map((row) => row.map(cellText))
  const widths = columns.map((column, index) => Math.max(column.length, ...texts.map((row) => row[index]?.length ?? 0)))
  const isNumber = columns.map((_, index) => rows.every((row) => typeof row[index] === 'number'))
  const last = columns.length - 1
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0)
  const lastWidth =
    screen.width === undefined ? Number.POSITIVE_INFINITY : Math.max(LAST_WIDTH_MIN, screen.width - before)
  function formatRow(row: readonly string[]): string {
    const cells = row.map((cell, index) => {
      const width = widths[index] ?? 0
      if (isNumber[index] === true) return cell.padStart(width)
      return index === last ? cut(cell, lastWidth) : cell.padEnd(width)
    })
    return cells.join(GAP).trimEnd()
  }
  const header = formatRow(columns.map((column) => column.toUpperCase()))
  return lines([screen.isColoured ? `\u001b[1m${header}\u001b[0m` : header, ...texts.map(formatRow)])
}

/** Returns one line: control characters could move the cursor, or fake another row. */
function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '–'
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return String(cell).replaceAll(/\p{Cc}+/gu, ' ')
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1).trimEnd()}${ELLIPSIS}`
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}
