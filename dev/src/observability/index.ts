export { operationsFolder, type Rule, readRules, rulesText, ruleTestFiles } from './rules.ts'
