import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { connectionDefaults } from './connection-settings.ts'

const deployed = (name: string) => readFileSync(new URL(`../../../../docs/deploy/${name}`, import.meta.url), 'utf8')

it('nginx closes an idle connection before an app does', () => {
  const kept = [...deployed('nginx/floodgate.conf').matchAll(/keepalive_timeout (\d+)s;/g)].map(([, s]) => Number(s))
  expect(kept).toHaveLength(3)
  expect(Math.max(...kept)).toBeLessThan(connectionDefaults.keepAliveSeconds)
})

it('the proxies accept headers as large as the apps do', () => {
  const kib = connectionDefaults.headersMaxBytes / 1_024
  for (const name of ['nginx/floodgate.conf', 'nginx/plain.conf'])
    expect(deployed(name)).toContain(`large_client_header_buffers 4 ${kib}k;`)
  const [, size] = /tune\.bufsize (\d+)/.exec(deployed('haproxy/floodgate.cfg')) ?? []
  const [, rewrite] = /tune\.maxrewrite (\d+)/.exec(deployed('haproxy/floodgate.cfg')) ?? []
  expect(Number(size) - Number(rewrite)).toBeGreaterThanOrEqual(connectionDefaults.headersMaxBytes)
})
