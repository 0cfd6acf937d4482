export { buildDashboard, type DashboardPlan } from './panels.ts'
export { DASHBOARDS } from './plans.ts'
