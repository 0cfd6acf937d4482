import stringWidth from 'string-width'
import { oneLine, withoutActing } from './terminal-text.ts'

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
  /** Columns of a line; undefined: lines are not cut, as when a program reads them. */
  readonly width: number | undefined
  readonly isColoured: boolean
}

const GAP = '  '
/** A column for each character. */
const PLAIN = /^[ -~]*$/
const ELLIPSIS = '…'
/** The last column keeps at least this much of a narrow screen. */
const LAST_WIDTH_MIN = 10

/** Formats a view, with a line break at its end. Pure. */
export function formatView(view: View, screen: Screen): string {
  switch (view.kind) {
    case 'text':
      return view.text === '' ? '' : lines(view.text.split('\n').map(withoutActing))
    case 'all':
      return view.views
        .map((each) => formatView(each, screen))
        .filter((text) => text !== '')
        .join('\n')
    case 'facts': {
      const width = largest(view.facts.map(([name]) => name.length))
      return lines(view.facts.map(([name, value]) => `${name.padEnd(width)}${GAP}${cellText(value)}`))
    }
    case 'table':
      return view.rows.length === 0 ? `${view.empty}\n` : formatTable(view, screen)
  }
}

function formatTable({ columns, rows }: Extract<View, { kind: 'table' }>, screen: Screen): string {
  const texts = rows.map((row) => row.map(cellText))
  const widths = columns.map((column, index) =>
    Math.max(column.length, largest(texts.map((row) => columnsOf(row[index] ?? '')))),
  )
  const isNumber = columns.map((_, index) => rows.every((row) => typeof row[index] === 'number'))
  const last = columns.length - 1
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0)
  const lastWidth =
    screen.width === undefined ? Number.POSITIVE_INFINITY : Math.max(LAST_WIDTH_MIN, screen.width - before)
  function formatRow(row: readonly string[]): string {
    const cells = row.map((cell, index) => {
      const width = widths[index] ?? 0
      if (isNumber[index] === true) return cell.padStart(width)
      return index === last ? cut(cell, lastWidth) : `${cell}${' '.repeat(width - columnsOf(cell))}`
    })
    return cells.join(GAP).trimEnd()
  }
  const header = formatRow(columns.map((column) => column.toUpperCase()))
  return lines([screen.isColoured ? `\u001b[1m${header}\u001b[0m` : header, ...texts.map(formatRow)])
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined || cell === '') return '–'
  if (typeof cell === 'boolean') return cell ? 'yes' : 'no'
  return oneLine(String(cell))
}

/** Cuts a text to columns: a letter of Korean takes two, and none is halved. */
function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (columnsOf(kept + segment) > width - 1) break
    kept += segment
  }
  return `${kept.trimEnd()}${ELLIPSIS}`
}

/** Returns the columns that a text takes on a terminal. */
function columnsOf(text: string): number {
  return PLAIN.test(text) ? text.length : stringWidth(text)
}

/** Returns the largest number; 0 of none. A spread would end at some 100,000 arguments. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => Math.max(one, other), 0)
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}
