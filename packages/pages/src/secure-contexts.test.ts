import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { randomId } from './browser/shared/random-id.ts'

/** What browsers give only to pages over https or from localhost. */
const secureOnly =
  /crypto\s*\.\s*(?:randomUUID|subtle)|navigator\s*\.\s*(?:clipboard|serviceWorker|wakeLock|share|credentials|mediaDevices|geolocation|locks|storage|permissions|push)|\b(?:Notification|PushManager|PaymentRequest|cookieStore|caches)\b/

const root = new URL('./browser/', import.meta.url)
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.test)\.ts$/.test(name))

it.each(sources)('%s needs nothing that a page over plain http lacks', (name) => {
  const code = readFileSync(new URL(name, root), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
  expect(code).not.toMatch(secureOnly)
})

it('random ids are UUIDs of version 4, each a different one', () => {
  const ids = new Set(Array.from({ length: 1_000 }, randomId))
  expect(ids.size).toBe(1_000)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
