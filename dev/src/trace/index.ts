export { formatTrace } from './format-trace.ts'
export { readTrace, type TracedStep } from './read-trace.ts'
