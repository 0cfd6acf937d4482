import { BigValueGraphMode, ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common'
import {
  DashboardBuilder,
  DashboardCursorSync,
  DatasourceVariableBuilder,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'

/** Units of Grafana that the panels use. */
type Unit = 'short' | 's' | 'bytes' | 'percentunit' | 'reqps' | 'none' | 'ops'

export interface Query {
  readonly expr: string
  /** Names the series; `{{label}}` is replaced by the value of a label. */
  readonly legend: string
}

/** A panel: what it shows, how to read it, and its queries. */
export interface PanelPlan {
  readonly title: string
  readonly description: string
  readonly unit: Unit
  readonly queries: readonly Query[]
}

export interface StatPlan extends PanelPlan {
  /** The value from which the figure is red. None: it is never judged. */
  readonly redFrom?: number
}

export interface RowPlan {
  readonly title: string
  readonly stats?: readonly StatPlan[]
  readonly panels?: readonly PanelPlan[]
}

export interface DashboardPlan {
  readonly uid: string
  readonly title: string
  readonly description: string
  /** The shown time, such as `now-30m`. */
  readonly from: string
  /** Whether figures are about the whole shown time rather than now. */
  readonly isAboutThePast?: boolean
  readonly rows: readonly RowPlan[]
}

const COLUMNS = 24
const STAT_HEIGHT = 4
const PANEL_HEIGHT = 8
const PANELS_PER_ROW = 3
/** Chosen at the top of each dashboard. */
const DATASOURCE = { type: 'prometheus', uid: '$datasource' }

/** Builds a dashboard in the format that Grafana imports. Pure. */
export function buildDashboard({ uid, title, description, from, isAboutThePast = false, rows }: DashboardPlan) {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags(['floodgate'])
    .time({ from, to: 'now' })
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'))
  if (!isAboutThePast) dashboard.refresh('10s')
  let id = 0
  for (const { title: rowTitle, stats = [], panels = [] } of rows) {
    dashboard.withRow(new RowBuilder(rowTitle).id(++id))
    for (const plan of stats)
      dashboard.withPanel(buildStat(plan, { isInstant: isAboutThePast, of: stats.length }).id(++id))
    for (const plan of panels) dashboard.withPanel(buildPanel(plan).id(++id))
  }
  return dashboard.build()
}

function buildPanel({ title, description, unit, queries }: PanelPlan): TimeseriesBuilder {
  const panel = new TimeseriesBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .datasource(DATASOURCE)
    .span(COLUMNS / PANELS_PER_ROW)
    .height(PANEL_HEIGHT)
  for (const query of buildQueries(queries)) panel.withTarget(query)
  return panel
}

function buildStat(
  { title, description, unit, queries, redFrom }: StatPlan,
  { isInstant, of }: { readonly isInstant: boolean; readonly of: number },
): StatBuilder {
  const panel = new StatBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .graphMode(isInstant ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .span(Math.max(COLUMNS / 8, Math.floor(COLUMNS / of)))
    .height(STAT_HEIGHT)
  const steps = redFrom === undefined ? [] : [{ value: redFrom, color: 'red' }]
  panel.thresholds(
    new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([{ value: null, color: 'green' }, ...steps]),
  )
  for (const query of buildQueries(queries)) panel.withTarget(isInstant ? query.instant() : query)
  return panel
}

/** Names the queries of a panel A, B, and so on. */
function buildQueries(queries: readonly Query[]): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, index) =>
    new DataqueryBuilder()
      .refId(String.fromCharCode('A'.charCodeAt(0) + index))
      .expr(expr)
      .legendFormat(legend),
  )
}
