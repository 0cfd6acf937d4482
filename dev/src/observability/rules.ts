import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { repository } from '../system/node-process.ts'

/** The folder of the dashboards, rules and runbooks. */
export const operationsFolder = join(repository, 'ops')

const rulesFile = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.object({
          record: z.string().optional(),
          alert: z.string().optional(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.record(z.string(), z.string()).optional(),
          annotations: z.record(z.string(), z.string()).optional(),
        }),
      ),
    }),
  ),
})

export type Rule = z.infer<typeof rulesFile>['groups'][number]['rules'][number]
export interface Alert extends Rule {
  readonly alert: string
}

/** Returns the text of the rules, as Prometheus loads them. */
export function rulesText(): string {
  return readFileSync(join(operationsFolder, 'rules', 'floodgate.yml'), 'utf8')
}

/** Reads all rules of a text, in their order. */
export function readRules(text: string = rulesText()): readonly Rule[] {
  return rulesFile.parse(parse(text)).groups.flatMap(({ rules }) => rules)
}

export function alertsOf(rules: readonly Rule[]): readonly Alert[] {
  return rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]))
}

/** Returns the paths of promtool's tests. */
export function ruleTestFiles(): readonly string[] {
  const folder = join(operationsFolder, 'rules', 'tests')
  return readdirSync(folder).map((name) => join(folder, name))
}
