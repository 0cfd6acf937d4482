import { expect, it } from 'vitest'
import { barPlot, linePlot } from './plot.ts'

it('scales the longest bar to the full width and the others in proportion', () => {
  const svg = barPlot('Rates', [
    { label: 'bare', value: 200, text: '200/s' },
    { label: 'ours', value: 100, text: '100/s' },
  ])
  const widths = [...svg.matchAll(/height="26"/g)].length
  const [long, half] = [...svg.matchAll(/width="([\d.]+)" height="26"/g)].map(([, width]) => Number(width))
  expect(widths).toBe(2)
  expect((half ?? 0) / (long ?? 1)).toBeCloseTo(0.5)
})

it('escapes markup in labels', () => {
  expect(barPlot('<b>&"', [])).toContain('&lt;b&gt;&amp;&quot;')
})

it('starts the axes of lines at zero', () => {
  const svg = linePlot('Line', {
    lines: [
      {
        label: 'a',
        points: [
          [0, 0],
          [10, 5],
        ],
      },
    ],
    xLabel: 's',
    yLabel: 'ms',
  })
  expect(svg).toContain('points="70.0,304.0 696.0,48.0"')
})
