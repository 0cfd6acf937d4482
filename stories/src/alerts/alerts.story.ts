import { join } from 'node:path'
import { operationsFolder, ruleTestFiles } from '@floodgate/dev/observability'
import { runPromtool } from '@floodgate/local-servers'
import { expect, test } from 'vitest'

test('Prometheus accepts the rules, and each alert passes its unit tests', async () => {
  expect(await runPromtool(['check', 'rules', join(operationsFolder, 'rules', 'floodgate.yml')])).toContain('SUCCESS')
  await runPromtool(['test', 'rules', ...ruleTestFiles()])
})
