import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ConfigDefinition, loadConfig } from '@floodgate/runtime'
import { temporaryDirectory } from '@floodgate/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { appNames } from '../system/names.ts'
import { repository } from '../system/node-process.ts'
import { objectsOf, type Pod, podsOf, type Rendered, template } from './render-chart.ts'

const FOLDER = '/var/run/floodgate/secrets'
const KEY = Buffer.alloc(32, 7).toString('base64url')
const SECRETS: Readonly<Record<string, string>> = {
  DATABASE_URL: 'postgresql://floodgate:word@postgres:5432/floodgate',
  REDIS_URL: 'redis://redis:6379',
  ADMIN_TOKEN: 'an-operator-token-of-thirty-two-bytes',
  SHOP_TOKEN: 'a-token-of-the-shop-of-thirty-two-bytes',
  EMAIL_KEY: KEY,
  PAYMENT_KEY: KEY,
  GATEWAY_URL: 'https://payments.example',
  SMTP_URL: 'smtp://mail.example:587',
}

let objects: readonly Rendered[]
beforeAll(async () => {
  const values = ['--set', 'secretFiles.enabled=true', '--set', 'secretFiles.optional={SHOP_TOKEN}']
  objects = objectsOf(await template('existing-secrets', ...values))
})

const podOf = (app: string): Pod => {
  const pod = podsOf(objects).get(`floodgate-${app}`)
  if (pod === undefined) throw new Error(`${app} has no pod`)
  return pod
}

/** Returns the secrets that a pod mounts, each by its path. */
const mountedIn = ({ spec }: Pod) => {
  const volume = spec.volumes.find(({ name }) => name === 'secrets')
  return new Map(volume?.secret?.items.map(({ key, path }) => [`${FOLDER}/${path}`, SECRETS[key] ?? '']))
}
const variablesOf = ({ spec }: Pod) => spec.containers[0]?.env ?? []

describe('secrets as files', () => {
  it.each(appNames)('give the %s a configuration that it accepts, and no secret in its environment', async (app) => {
    const pod = podOf(app)
    expect(variablesOf(pod).filter(({ valueFrom }) => valueFrom !== undefined)).toEqual([])
    const settings = objects.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === `floodgate-${app}`,
    )?.data
    const { definition } = (await import(join(repository, 'apps', app, 'src/config.ts'))) as {
      definition: ConfigDefinition
    }
    const { path: directory, remove } = await temporaryDirectory()
    try {
      await mkdir(join(directory, FOLDER), { recursive: true })
      for (const [path, secret] of mountedIn(pod)) await writeFile(join(directory, path), secret)
      const files = variablesOf(pod).map(({ name, value = '' }) => [name, join(directory, value)])
      expect(files).toHaveLength(mountedIn(pod).size)
      const env = { ...settings, ...(Object.fromEntries(files) as Record<string, string>) }
      expect(loadConfig(definition, { argv: [], env })).toMatchObject({ kind: 'config' })
    } finally {
      await remove()
    }
  })

  it('reach the migration too, and an app only its own', () => {
    expect([...mountedIn(podOf('migrate')).keys()]).toEqual([`${FOLDER}/DATABASE_URL`])
    expect(variablesOf(podOf('migrate'))).toEqual([{ name: 'DATABASE_URL_FILE', value: `${FOLDER}/DATABASE_URL` }])
    expect(mountedIn(podOf('waiting-room')).has(`${FOLDER}/SHOP_TOKEN`)).toBe(true)
    expect(mountedIn(podOf('payment-worker')).has(`${FOLDER}/SHOP_TOKEN`)).toBe(false)
    const holders = appNames.map((app) => podOf(app).spec.volumes.find(({ name }) => name === 'secrets')?.secret)
    expect(new Set(holders.map((secret) => secret?.secretName))).toEqual(new Set(['floodgate', 'floodgate-order-core']))
  })

  it.each(['ADMIN_TOKEN', 'SHOP_TOKN'])(
    'cannot name %s as optional: no app has an optional secret like it',
    async (name) => {
      await expect(template('small', '--set', `secretFiles.optional={${name}}`)).rejects.toThrow(
        `secretFiles.optional: ${name} is no optional secret of any app`,
      )
    },
  )
})
