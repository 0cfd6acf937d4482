import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const enginesOf = (path: string): string | undefined => JSON.parse(read(path)).engines?.node
const OWN_MAJOR = /^ {2}node: (\d+)\./m.exec(read('pnpm-workspace.yaml'))?.[1]
const APPS = ['waiting-room', 'order-core', 'payment-worker', 'notifier']

it('the two commands need the Node that README and CONTRIBUTING name', () => {
  expect(enginesOf('package.json')).toBe('>=20')
  for (const path of ['README.md', 'CONTRIBUTING.md']) expect(read(path)).toContain('Node 20 or newer')
})

it.each(APPS)('%s needs the Node that the commands bring, and the image has it', (app) => {
  expect(enginesOf(`apps/${app}/package.json`)).toBe(`>=${OWN_MAJOR}`)
  for (const [, major] of read('Dockerfile').matchAll(/^FROM node:(\d+)/gm)) expect(major).toBe(OWN_MAJOR)
})
