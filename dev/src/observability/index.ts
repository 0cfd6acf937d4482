export { operationsFolder, ruleTestFiles } from './rules.ts'
