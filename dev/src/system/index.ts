export { describeFailure, StepFailure } from './failure.ts'
export * from './names.ts'
export type { NamedPort, PortPlan } from './ports.ts'
export type * from './types.ts'
