import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireHelm } from '@floodgate/local-servers'
import { parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { repository } from '../system/node-process.ts'

const run = promisify(execFile)
export const CHART = join(repository, 'ops/helm/floodgate')
/** The newest release whose schemas the tests have. */
export const KUBERNETES_NEWEST = '1.37'
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024

const volume = z.object({
  name: z.string(),
  secret: z
    .object({ secretName: z.string(), items: z.array(z.object({ key: z.string(), path: z.string() })) })
    .optional(),
})
const variable = z.object({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .object({ secretKeyRef: z.object({ name: z.string(), key: z.string(), optional: z.boolean().default(false) }) })
    .optional(),
})
const container = z.object({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  env: z.array(variable).default([]),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  securityContext: z.unknown().optional(),
  startupProbe: z.unknown().optional(),
  readinessProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }) }).optional(),
})
const podSpec = z.object({
  automountServiceAccountToken: z.boolean(),
  terminationGracePeriodSeconds: z.number().optional(),
  securityContext: z.unknown().optional(),
  containers: z.array(container).length(1),
  volumes: z.array(volume).default([]),
})
const pod = z.object({
  metadata: z.object({
    labels: z.record(z.string(), z.string()),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
  spec: podSpec,
})
const rendered = z.looseObject({
  kind: z.string(),
  metadata: z.object({ name: z.string() }),
  data: z.record(z.string(), z.string()).optional(),
  spec: z.unknown().optional(),
})
export type Rendered = z.infer<typeof rendered>
export type Pod = z.infer<typeof pod>

/** Runs helm on the chart; rejects with what it said. */
export async function runHelm(...args: readonly string[]): Promise<string> {
  const { stdout } = await run(await requireHelm(), [...args], { maxBuffer: OUTPUT_BYTES_MAX })
  return stdout
}

/** Renders the chart for a file of `ci/`, and more arguments, as the release `floodgate`. Returns YAML. */
export function template(file: string, ...args: readonly string[]): Promise<string> {
  return templateAs('floodgate', file, ...args)
}

/** Renders the chart as a release of this name. Returns YAML. */
export function templateAs(release: string, file: string, ...args: readonly string[]): Promise<string> {
  return runHelm(
    ...['template', release, CHART, '--values', join(CHART, 'ci', `${file}-values.yaml`)],
    ...['--kube-version', KUBERNETES_NEWEST, ...args],
  )
}

/** Parses rendered objects. */
export function objectsOf(text: string): readonly Rendered[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.toJS()
    return value === null ? [] : [rendered.parse(value)]
  })
}

/** Returns the pods of all deployments and jobs, by the name of their object. */
export function podsOf(objects: readonly Rendered[]): ReadonlyMap<string, Pod> {
  const withPods = objects.filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
  return new Map(
    withPods.map(({ metadata, spec }) => [metadata.name, z.object({ template: pod }).parse(spec).template]),
  )
}
