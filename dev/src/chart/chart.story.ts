import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { kubernetesValidateCommand } from '@floodgate/local-servers'
import { type ConfigDefinition, loadConfig, variableName } from '@floodgate/runtime'
import { temporaryDirectory } from '@floodgate/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'
import {
  CHART,
  KUBERNETES_NEWEST,
  objectsOf,
  type Pod,
  podsOf,
  type Rendered,
  runHelm,
  template,
} from './render-chart.ts'

const run = promisify(execFile)
const FILES = ['small', 'large', 'existing-secrets'] as const
type File = (typeof FILES)[number]
/** `unhealthyPodEvictionPolicy` of a disruption budget came with it. */
const KUBERNETES_OLDEST = '1.27'
/** Variables of the value files that are no settings. */
const NO_SETTINGS = ['NODE_OPTIONS']
const KEY = Buffer.alloc(32, 7).toString('base64url')
const SECRETS: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://floodgate:word@postgres:5432/floodgate',
  REDIS_URL: 'redis://redis:6379',
  ADMIN_TOKEN: 'an-operator-token-of-thirty-two-bytes',
  EMAIL_KEY: KEY,
  PAYMENT_KEY: KEY,
  GATEWAY_URL: 'https://payments.example',
  SMTP_URL: 'smtp://mail.example:587',
}

const rendered = new Map<File, { readonly text: string; readonly objects: readonly Rendered[] }>()
beforeAll(async () => {
  for (const file of FILES) {
    const text = await template(file)
    rendered.set(file, { text, objects: objectsOf(text) })
  }
})

const objects = (file: File) => rendered.get(file)?.objects ?? []
const settingsOf = (file: File, app: string) =>
  objects(file).find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === `floodgate-${app}`)?.data ?? {}
const podOf = (file: File, app: string): Pod => {
  const pod = podsOf(objects(file)).get(`floodgate-${app}`)
  if (pod === undefined) throw new Error(`${file} has no pod of ${app}`)
  return pod
}

/** Returns the environment that the app of a pod gets; optional secrets are absent. */
const environmentOf = (file: File, app: string) => {
  const [{ env, envFrom } = { env: [], envFrom: [] }] = podOf(file, app).spec.containers
  expect(envFrom).toEqual([{ configMapRef: { name: `floodgate-${app}` } }])
  const own = env.flatMap(({ name, value, valueFrom }) => {
    if (valueFrom === undefined) return [[name, value]]
    expect(valueFrom.secretKeyRef.key).toBe(name)
    return valueFrom.secretKeyRef.optional ? [] : [[name, SECRETS[name]]]
  })
  return { ...settingsOf(file, app), ...(Object.fromEntries(own) as Record<string, string | undefined>) }
}

const definitionOf = async (app: string): Promise<ConfigDefinition> => {
  const { definition } = (await import(join(repository, 'apps', app, 'src/config.ts'))) as {
    definition: ConfigDefinition
  }
  return definition
}

/** Returns what helm says about these values. */
const refusalOf = (...args: readonly string[]): Promise<string> =>
  template('small', ...args).then(
    () => 'accepted',
    (error: unknown) => String(error),
  )

describe.each(FILES)('the chart with %s-values.yaml', (file) => {
  it('passes helm lint', async () => {
    const said = await runHelm('lint', CHART, '--strict', '--values', join(CHART, 'ci', `${file}-values.yaml`))
    expect(said).toContain('0 chart(s) failed')
  })

  it.each(appNames)('gives the %s exactly settings that it has, and a configuration that it accepts', async (app) => {
    const definition = await definitionOf(app)
    const environment = environmentOf(file, app)
    const known = Object.keys(definition.schema.shape).map(variableName)
    expect(Object.keys(environment).filter((name) => ![...known, ...NO_SETTINGS].includes(name))).toEqual([])
    expect(loadConfig(definition, { argv: [], env: environment })).toMatchObject({ kind: 'config' })
  })

  it('runs every container without root, privileges, a token or a writable root', () => {
    const pods = [...podsOf(objects(file))]
    expect(pods.map(([name]) => name)).toEqual(
      expect.arrayContaining([...appNames.map((app) => `floodgate-${app}`), 'floodgate-migrate']),
    )
    for (const [name, { spec }] of pods) {
      expect(spec, name).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ['ALL'] },
            },
          },
        ],
      })
    }
  })

  it.each(appNames)('lets the %s end by itself, after the proxies of the cluster have noticed', (app) => {
    const { terminationGracePeriodSeconds, containers } = podOf(file, app).spec
    const [program, ...words] = containers[0]?.lifecycle?.preStop.exec.command ?? []
    expect(program, 'the image has no other program').toBe('node')
    const seconds = Number(/setTimeout\(.*, (\d+)\)/.exec(words.join(' '))?.[1]) / 1_000
    expect(seconds).toBeGreaterThan(0)
    const shutdownSeconds = Number(settingsOf(file, app).SHUTDOWN_SECONDS)
    expect(terminationGracePeriodSeconds).toBeGreaterThan(seconds + shutdownSeconds)
  })

  it.each(appNames)('probes the %s on its operations port, and restarts it only when it does not respond', (app) => {
    const [container] = podOf(file, app).spec.containers
    expect(container).toMatchObject({
      startupProbe: { httpGet: { path: '/livez', port: 'ops' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'ops' } },
      livenessProbe: { httpGet: { path: '/livez', port: 'ops' } },
    })
  })

  it('leads no ingress to an operations port', () => {
    const ingresses = objects(file).filter(({ kind }) => kind === 'Ingress')
    expect(JSON.stringify(ingresses)).not.toContain('"ops"')
  })
})

it.each([KUBERNETES_OLDEST, KUBERNETES_NEWEST])(
  'the chart matches the schemas of Kubernetes %s, without unknown fields',
  async (version) => {
    const { path: directory, remove } = await temporaryDirectory()
    try {
      const written = FILES.map((file) => join(directory, `${file}.yaml`))
      for (const [index, file] of FILES.entries()) await writeFile(written[index] ?? '', rendered.get(file)?.text ?? '')
      const [python, ...module] = await kubernetesValidateCommand()
      await run(python, [...module, '--strict', '--quiet', '--no-warn', '-k', version, ...written])
    } finally {
      await remove()
    }
  },
)

describe('the secrets of the chart', () => {
  it('of an app are those of its own Secret where it has one, and of the migration those of the owner', () => {
    const names = (app: string) =>
      podOf('existing-secrets', app).spec.containers[0]?.env.map(({ valueFrom }) => valueFrom?.secretKeyRef.name)
    expect(new Set(names('order-core'))).toEqual(new Set(['floodgate-order-core']))
    expect(new Set(names('notifier'))).toEqual(new Set(['floodgate']))
    expect(names('migrate')).toEqual(['floodgate-owner'])
  })

  it('are in no object but a Secret, and in none with an existing Secret', () => {
    const holders = objects('small').filter((object) => JSON.stringify(object).includes('floodgate:word@'))
    expect(holders.map(({ kind }) => kind)).toEqual(['Secret', 'Secret'])
    expect(objects('large').filter(({ kind }) => kind === 'Secret')).toEqual([])
  })

  it('restart every pod when they change, and a setting restarts only its app', async () => {
    const checksums = async (...args: string[]) => {
      const pods = podsOf(objectsOf(await template('small', ...args)))
      return new Map(appNames.map((app) => [app, pods.get(`floodgate-${app}`)?.metadata.annotations]))
    }
    const before = await checksums()
    const other = await checksums('--set', 'secret.ADMIN_TOKEN=another-token-of-thirty-two-bytes')
    const tuned = await checksums('--set', 'notifier.settings.MAILS_PER_SECOND=50')
    for (const app of appNames) expect(other.get(app), app).not.toEqual(before.get(app))
    const changed = appNames.filter(
      (app) => tuned.get(app)?.['checksum/settings'] !== before.get(app)?.['checksum/settings'],
    )
    expect(changed).toEqual(['notifier'])
  })
})

describe('values that cannot work', () => {
  it.each([
    [['--set', 'publicUrl='], 'publicUrl is empty: set the address of the waiting room'],
    [['--set', 'publicUrl=https://shop.example/queue'], '/publicUrl'],
    [['--set', 'bus=kafka'], 'kafkaBrokers is empty'],
    [['--set', 'bus=kafka', '--set', 'kafkaBrokers={kafka}'], '/kafkaBrokers/0'],
    [['--set', 'existingSecret=floodgate'], 'existingSecret and secret exclude each other'],
    [['--set', 'secret.PAYMENT_KEY='], 'secret.PAYMENT_KEY is missing'],
    [['--set', 'secret.SMTP_URL='], 'secret.SMTP_URL is missing'],
    [['--set', 'secret.keys\\.json='], 'secret.keys.json is missing'],
    [['--set', 'secret=null'], 'migration needs DATABASE_URL'],
    [['--set', 'settings.PORT=80'], 'settings.PORT'],
    [['--set', 'notifier.settings.SHUTDOWN_SECONDS=60'], 'notifier.settings.SHUTDOWN_SECONDS: the chart sets it'],
    [['--set', 'waitingRoom.settings.WAITNG_MAX=1'], 'WAITNG_MAX'],
    [['--set', 'settings.WAITING_MAX=1'], 'WAITING_MAX'],
    [['--set', 'orderCore.settings.ADMIN_TOKEN=word'], 'ADMIN_TOKEN'],
    [['--set', 'replicas=3'], 'replicas'],
    [['--set', 'waitingRoom.replicas=-1'], '/waitingRoom/replicas'],
    [['--set', 'image.digest=latest'], '/image/digest'],
    [
      ['--set', 'notifier.autoscaling.enabled=true', '--set', 'notifier.autoscaling.minReplicas=9'],
      'notifier.autoscaling: minReplicas is above maxReplicas',
    ],
    [['--set', 'serviceMonitor.enabled=true'], 'networkPolicy.operationsFrom is empty'],
    [['--set', 'prometheusRule.enabled=true'], 'prometheusRule.files is empty'],
    [
      ['--set', 'urls.orderCore=https://api.example', '--set', 'urls.notifier=https://api.example'],
      'have the same host',
    ],
  ])('%j are rejected: %s', async (args, words) => {
    expect(await refusalOf(...args)).toContain(words)
  })

  it('are named all at once', async () => {
    const said = await refusalOf('--set', 'bus=kafka', '--set', 'secret.EMAIL_KEY=', '--set', 'settings.HOST=x')
    for (const words of ['kafkaBrokers', 'secret.EMAIL_KEY', 'settings.HOST']) expect(said).toContain(words)
  })
})
