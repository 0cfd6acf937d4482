import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Api } from '@floodgate/http'
import { describe, expect, it } from 'vitest'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'

interface Rule {
  readonly path: RegExp
  readonly app: string
}

/** Every app has these routes; commands call each app at its own address. */
const EACH_APP = ['/admin/about', '/admin/retention', '/admin/dead-letters', '/admin/erasures', '/admin/traces/{order}']
const FILES = [
  { file: 'docs/deploy/haproxy/floodgate.cfg', rule: /use_backend (\w+) if { path_reg (\S+) }/g, app: 1, path: 2 },
  {
    file: 'docs/deploy/nginx/floodgate.conf',
    rule: /location ~ (\S+) {\s+proxy_pass http:\/\/floodgate_(\w+);/g,
    app: 2,
    path: 1,
  },
  { file: 'ops/helm/floodgate/files/paths.yaml', rule: /app: (\w+), path: '(\S+)'/g, app: 1, path: 2 },
]

async function readRules({ file, rule, app, path }: (typeof FILES)[number]): Promise<readonly Rule[]> {
  const text = await readFile(join(repository, file), 'utf8')
  const found = [...text.matchAll(rule)].map((match) => ({
    path: new RegExp(`^${(match[path] ?? '').replace(/^\^/, '')}`),
    app: (match[app] ?? '').replace('_', '-').replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`),
  }))
  expect(found.length, file).toBeGreaterThan(5)
  return found
}

describe.each(FILES)('$file', (file) => {
  it.each(appNames)('sends every path of the %s to it', async (app) => {
    const rules = await readRules(file)
    const { api } = (await import(join(repository, 'apps', app, 'src/api.ts'))) as { api: Api }
    for (const { path } of Object.values(api.routes)) {
      if (EACH_APP.includes(path)) continue
      const sample = path.replace('{group}', `${app}.group`).replaceAll(/\{\w+\}/g, 'one')
      const rule = rules.find((each) => each.path.test(sample))
      expect(rule?.app ?? 'waiting-room', path).toBe(app)
    }
  })
})
