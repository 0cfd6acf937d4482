import { expect, it } from 'vitest'
import { unknownMetrics } from '../observability/metric-names.ts'
import { buildDashboard, type PanelPlan } from './panels.ts'
import { DASHBOARDS } from './plans.ts'

const plans = Object.values(DASHBOARDS)
const panelsOf = ({ rows }: (typeof plans)[number]): PanelPlan[] =>
  rows.flatMap(({ stats = [], panels = [] }) => [...stats, ...panels])

it.each(plans)('$title: names only metrics that an app or a rule has', (plan) => {
  const exprs = panelsOf(plan).flatMap(({ queries }) => queries.map(({ expr }) => expr))
  expect(unknownMetrics(exprs.join('\n'))).toEqual([])
})

it.each(plans)('$title: each panel says how to read it, and has a title of its own', (plan) => {
  const panels = panelsOf(plan)
  expect(panels.filter(({ description }) => description.length < 10)).toEqual([])
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
})

interface ImportedPanel {
  readonly id?: number
  readonly targets?: readonly { readonly refId?: string }[]
}

it.each(plans)('$title: panels have ids of their own, and so have the queries of each', (plan) => {
  const { panels } = JSON.parse(JSON.stringify(buildDashboard(plan))) as { panels: readonly ImportedPanel[] }
  const ids = panels.map(({ id }) => id)
  expect(new Set(ids).size).toBe(panels.length)
  expect(ids).not.toContain(undefined)
  for (const { targets = [] } of panels) {
    const names = targets.map(({ refId }) => refId)
    expect(names).toEqual(['A', 'B', 'C', 'D'].slice(0, names.length))
  }
})

it.each(plans)('$title: every query asks the data source that is chosen at the top', (plan) => {
  const { panels, templating } = buildDashboard(plan)
  expect(templating?.list?.map(({ name, type }) => `${name}: ${type}`)).toEqual(['datasource: datasource'])
  for (const panel of panels ?? [])
    if ('targets' in panel) expect(panel.datasource).toEqual({ type: 'prometheus', uid: '$datasource' })
})
