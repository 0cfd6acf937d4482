import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const enginesOf = (path: string): string | undefined => JSON.parse(read(path)).engines?.node
const [, OWN = '', OWN_MAJOR = ''] = /^ {2}node: ((\d+)\.\S+)/m.exec(read('pnpm-workspace.yaml')) ?? []
const APPS = ['waiting-room', 'order-core', 'payment-worker', 'notifier']

it('the two commands need the Node that README and CONTRIBUTING name', () => {
  expect(enginesOf('package.json')).toBe('>=20')
  for (const path of ['README.md', 'CONTRIBUTING.md']) expect(read(path)).toContain('Node 20 or newer')
})

it.each(APPS)('%s needs the Node that the commands bring', (app) => {
  expect(enginesOf(`apps/${app}/package.json`)).toBe(`>=${OWN_MAJOR}`)
})

it('the image has the Node that the commands bring, from a base image that its digest fixes', () => {
  const outside = [...read('Dockerfile').matchAll(/^FROM ([^\s:]+:\S+)/gm)].map(([, base]) => base)
  expect(outside).toEqual([expect.stringMatching(new RegExp(`^node:${OWN}-bookworm-slim@sha256:[0-9a-f]{64}$`))])
})
