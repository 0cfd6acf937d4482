import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { repository } from '../system/node-process.ts'
import { unknownMetrics } from './metric-names.ts'
import { alertsOf, operationsFolder, readRules, ruleTestFiles } from './rules.ts'

const rules = readRules()
const alerts = alertsOf(rules)
const testsText = ruleTestFiles()
  .map((file) => readFileSync(file, 'utf8'))
  .join('\n')
const runbookFolder = join(operationsFolder, 'runbooks')
const readRunbook = (name: string): string => readFileSync(join(runbookFolder, name), 'utf8')
/** `FloodgateRedisDown` has `redis-down.md`. */
const runbookOf = (alert: string): string =>
  `${alert
    .replace('Floodgate', '')
    .replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase()}.md`

describe('the alerts', () => {
  it('have a runbook each, and each runbook has its alert', () => {
    expect(alerts.map(({ alert }) => runbookOf(alert)).sort()).toEqual(readdirSync(runbookFolder).sort())
    for (const { alert, annotations } of alerts)
      expect(annotations?.runbook_url).toBe(`ops/runbooks/${runbookOf(alert)}`)
  })

  it.each(alerts)('$alert: docs/metrics.md names it beside what it watches', ({ alert }) => {
    const link = `[${alert.replace('Floodgate', '')}](../ops/runbooks/${runbookOf(alert)})`
    expect(readFileSync(join(repository, 'docs/metrics.md'), 'utf8')).toContain(link)
  })

  it.each(alerts)('$alert: its runbook has all sections', ({ alert }) => {
    const text = readRunbook(runbookOf(alert))
    const sections = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title)
    expect(sections).toEqual(['Meaning', 'Who feels it', 'Look here', 'Do this', 'Undo'])
    expect(text).toContain(`Alert \`${alert}\`.`)
  })

  it.each(alerts)('$alert: promtool tests that it fires, and that it does not fire just below', ({ alert }) => {
    expect(testsText).toContain(`name: ${alert} fires\n`)
    expect(testsText).toContain(`name: ${alert} does not fire just below\n`)
    expect(testsText).toContain(`labels: '{alertname="${alert}"}'`)
  })

  it.each(alerts)('$alert: says how urgent it is and what is wrong', ({ labels, annotations }) => {
    expect(['page', 'ticket']).toContain(labels?.severity)
    expect(annotations?.summary).toBeTruthy()
    expect(annotations?.description).toBeTruthy()
  })
})

describe('every metric that is named', () => {
  const named: readonly (readonly [string, string])[] = [
    ['the rules', rules.map(({ expr }) => expr).join('\n')],
    ["promtool's tests", testsText],
    ['docs/metrics.md', readFileSync(join(repository, 'docs/metrics.md'), 'utf8')],
    ...readdirSync(runbookFolder).map((name) => [name, readRunbook(name)] as const),
  ]
  it.each(named)('exists in an app: %s', (_, text) => {
    expect(unknownMetrics(text)).toEqual([])
  })
})
