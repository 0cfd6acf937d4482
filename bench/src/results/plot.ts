/** Small SVG plots, written by hand, since a bench draws only bars and lines. Both functions are pure. */

const WIDTH = 720
const MARGIN = { top: 48, right: 24, bottom: 56, left: 190 }
const BAR_HEIGHT = 26
const BAR_GAP = 10
const COLOURS = ['#0b6e99', '#c2410c', '#4d7c0f', '#7e22ce', '#374151', '#b45309'] as const

export interface PlottedBar {
  readonly label: string
  readonly value: number
  readonly text: string
  readonly highlight?: boolean
}

/** Plots horizontal bars, one below the other, each with its value. */
export function barPlot(title: string, thresholds: readonly PlottedBar[]): string {
  const most = Math.max(...thresholds.map(({ value }) => value), Number.MIN_VALUE)
  const room = WIDTH - MARGIN.left - MARGIN.right - 90
  const height = MARGIN.top + thresholds.length * (BAR_HEIGHT + BAR_GAP) + 16
  const rows = thresholds.map(({ label, value, text, highlight }, index) => {
    const y = MARGIN.top + index * (BAR_HEIGHT + BAR_GAP)
    const width = Math.max(1, (value / most) * room)
    const middle = y + BAR_HEIGHT / 2 + 5
    return [
      `<text x="${MARGIN.left - 10}" y="${middle}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${MARGIN.left}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" fill="${highlight === false ? '#9ca3af' : COLOURS[0]}"/>`,
      `<text x="${(MARGIN.left + width + 8).toFixed(1)}" y="${middle}">${escapeXml(text)}</text>`,
    ].join('\n')
  })
  return frame(title, height, rows)
}

export interface PlottedLine {
  readonly label: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** Plots lines on one horizontal axis from zero. */
export function linePlot(
  title: string,
  {
    lines,
    xLabel,
    yLabel,
  }: { readonly lines: readonly PlottedLine[]; readonly xLabel: string; readonly yLabel: string },
): string {
  const height = 360
  const left = 70
  const points = lines.flatMap((line) => line.points)
  const xMost = Math.max(...points.map(([x]) => x), 1)
  const yMost = Math.max(...points.map(([, y]) => y), 1)
  const xOf = (x: number) => (left + (x / xMost) * (WIDTH - left - MARGIN.right)).toFixed(1)
  const yOf = (y: number) => (height - MARGIN.bottom - (y / yMost) * (height - MARGIN.top - MARGIN.bottom)).toFixed(1)
  const ticks = [0, 0.25, 0.5, 0.75, 1].flatMap((part) => [
    `<text x="${xOf(xMost * part)}" y="${height - MARGIN.bottom + 18}" text-anchor="middle">${short(xMost * part)}</text>`,
    `<line x1="${left}" x2="${WIDTH - MARGIN.right}" y1="${yOf(yMost * part)}" y2="${yOf(yMost * part)}" stroke="#d1d5db"/>`,
    `<text x="${left - 8}" y="${Number(yOf(yMost * part)) + 4}" text-anchor="end">${short(yMost * part)}</text>`,
  ])
  const drawn = lines.map(({ label, points: line }, index) => {
    const colour = COLOURS[index % COLOURS.length]
    const path = line.map(([x, y]) => `${xOf(x)},${yOf(y)}`).join(' ')
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      `<text x="${left + 12 + index * 170}" y="${MARGIN.top - 8}" fill="${colour}">${escapeXml(label)}</text>`,
    ].join('\n')
  })
  const axes = [
    `<text x="${WIDTH / 2}" y="${height - 12}" text-anchor="middle">${escapeXml(xLabel)}</text>`,
    `<text x="16" y="${height / 2}" text-anchor="middle" transform="rotate(-90 16 ${height / 2})">${escapeXml(yLabel)}</text>`,
  ]
  return frame(title, height, [...ticks, ...drawn, ...axes])
}

function frame(title: string, height: number, content: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="13" fill="#111827" role="img" aria-label="${escapeXml(title)}">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="16" y="24" font-size="15" font-weight="600">${escapeXml(title)}</text>
${content.join('\n')}
</svg>
`
}

const short = (value: number): string =>
  value >= 1_000 ? `${Number((value / 1_000).toPrecision(3))}k` : String(Number(value.toPrecision(3)))

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
