import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { parts } from './parts.ts'

interface Step {
  readonly uses?: string
  readonly run?: string
}
interface Job {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly uses?: string
  readonly needs?: string
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly steps?: readonly Step[]
}
interface Workflow {
  readonly name: string
  readonly on: Readonly<Record<string, unknown>>
  readonly jobs: Readonly<Record<string, Job>>
}

const folder = new URL('../../../.github/workflows/', import.meta.url)
const files = readdirSync(folder)
const read = (file: string): Workflow => parse(readFileSync(new URL(file, folder), 'utf8'), { strict: true })
const stepsOf = (file: string) => Object.values(read(file).jobs).flatMap(({ steps = [] }) => steps)

it.each(files)('%s has a name, triggers, and jobs that are limited in time and rights', (file) => {
  const { name, on, jobs } = read(file)
  expect([`${name}.yml`, Object.keys(on).length > 0]).toEqual([file, true])
  for (const job of Object.values(jobs)) {
    expect(Object.keys(job.permissions ?? {})).not.toEqual([])
    if (job.uses === undefined) expect(job['timeout-minutes']).toBeGreaterThan(0)
    else expect(files.map((one) => `./.github/workflows/${one}`)).toContain(job.uses)
    if (job.needs !== undefined) expect(Object.keys(jobs)).toContain(job.needs)
  }
})

it.each(files)('%s uses actions of a named version alone', (file) => {
  for (const { uses, run } of stepsOf(file)) {
    expect([uses, run].filter((one) => one !== undefined)).toHaveLength(1)
    if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/)
  }
})

it.each(files)('%s runs parts of the tests that exist', (file) => {
  const known = parts.map(({ name }) => name)
  for (const { run = '' } of stepsOf(file))
    for (const [, names = ''] of run.matchAll(/\.ci\/run((?: \w+)*)$/gm))
      for (const name of names.split(' ').filter((one) => one !== '')) expect(known).toContain(name)
})

it('the package is tested under every Node that it supports', () => {
  const { engines } = JSON.parse(
    readFileSync(new URL('../../../packages/admission/package.json', import.meta.url), 'utf8'),
  )
  const versions = read('package.yml').jobs.package?.strategy?.matrix['node-version']
  expect(versions).toEqual([20, 22, 24])
  expect(engines.node).toMatch(new RegExp(`^>=${versions?.[0]}\\.`))
})

it('only the job that publishes may identify itself to npm, and it runs after the tests', () => {
  const jobs = files.flatMap((file) => Object.entries(read(file).jobs))
  const identified = jobs.filter(([, { permissions }]) => permissions?.['id-token'] === 'write')
  expect(identified.map(([name, { needs }]) => [name, needs])).toEqual([['publish', 'tests']])
  const [command] = stepsOf('publish.yml').filter(({ run }) => run?.startsWith('npm publish'))
  expect(command?.run).toContain('--provenance')
})
