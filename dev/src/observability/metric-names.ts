import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repository } from '../system/node-process.ts'
import { readRules } from './rules.ts'

/** Series that Prometheus adds to a histogram of this name. */
const SUFFIX = /_(?:bucket|sum|count)$/
const NAME = /\bfloodgate[_:][a-z0-9_:]+/g

let known: ReadonlySet<string> | undefined

/** Returns the names of the metrics in the sources of the apps and packages, and of those that the rules record. */
function metricNames(): ReadonlySet<string> {
  known ??= new Set([...inSources(), ...readRules().flatMap(({ record }) => record ?? [])])
  return known
}

function inSources(): string[] {
  const files = globSync('{apps,packages}/*/src/**/*.ts', { cwd: repository, exclude: ['**/*.test.ts'] })
  return files.flatMap((file) =>
    [...readFileSync(join(repository, file), 'utf8').matchAll(/'(floodgate_[a-z_]+)'/g)].flatMap(
      ([, name]) => name ?? [],
    ),
  )
}

/** Returns the names of metrics in a text that no app has. */
export function unknownMetrics(text: string): string[] {
  const names = new Set([...text.matchAll(NAME)].map(([name]) => name))
  return [...names].filter((name) => !metricNames().has(name) && !metricNames().has(name.replace(SUFFIX, '')))
}
