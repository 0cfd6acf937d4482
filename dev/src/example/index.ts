export * from './names.ts'
export { openExampleSale } from './open-sale.ts'
export { prepareExamples } from './prepare.ts'
export { type RunningExample, startExample } from './start.ts'
