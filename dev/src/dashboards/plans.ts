import type { DashboardPlan } from './panels.ts'
import { SALE_NOW } from './sale-now.ts'
import { SIZING_NEXT } from './sizing-next.ts'
import { WHY_SLOW } from './why-slow.ts'

/** All dashboards, by the name of their file below ops/dashboards. */
export const DASHBOARDS: Readonly<Record<string, DashboardPlan>> = {
  'sale-now': SALE_NOW,
  'why-slow': WHY_SLOW,
  'sizing-next': SIZING_NEXT,
}
