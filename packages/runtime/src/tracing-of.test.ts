import { NO_TRACING } from '@floodgate/tracing'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { defineConfig } from './config/define-config.ts'
import { configTable } from './config/document-config.ts'
import { loadConfig } from './config/load-config.ts'
import { tracingSettings } from './config/tracing-settings.ts'
import { ConfigurationError } from './configuration-error.ts'
import { tracingOf } from './tracing-of.ts'

const definition = defineConfig({ app: 'shop', summary: 'A test', settings: tracingSettings })
const SECRET = 'a-secret-of-the-collector'
const nothing = () => undefined
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => log }

function read(env: Readonly<Record<string, string>>) {
  return loadConfig(definition, { argv: [], env })
}

function open(env: Readonly<Record<string, string>>) {
  const loaded = read(env)
  if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded))
  return tracingOf(loaded.config, { app: 'shop', worker: undefined, log, metrics: new Registry() })
}

const ON = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' }

it.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_HEADERS: 'a=b', OTEL_TRACES_SAMPLER: 'always_on' }, false],
  [{ ...ON, OTEL_SDK_DISABLED: 'true' }, false],
  [ON, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.example/traces' }, true],
])('with %j tracing is on: %s', async (env, isOn) => {
  const tracing = await open(env)
  expect(tracing.isOn).toBe(isOn)
  expect(tracing === NO_TRACING).toBe(!isOn)
})

it.each([
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://collector:4317'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
  ['OTEL_EXPORTER_OTLP_HEADERS', SECRET],
  ['OTEL_EXPORTER_OTLP_HEADERS', `api key=${SECRET}`],
  ['OTEL_EXPORTER_OTLP_HEADERS', `key=${SECRET}%`],
  ['OTEL_RESOURCE_ATTRIBUTES', 'deployment environment=live'],
  ['OTEL_TRACES_SAMPLER', 'sometimes'],
  ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
])('%s=%s is rejected, and the problem does not contain the value', (name, value) => {
  const loaded = read({ ...ON, [name]: value })
  if (loaded.kind !== 'invalid') throw new Error('accepted')
  expect(loaded.problems).toHaveLength(1)
  expect(loaded.problems[0]).toContain(name)
  expect(loaded.problems[0]).not.toContain(SECRET)
})

it.each([
  [{ OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '101' }, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'],
  [{ OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem' }, 'OTEL_EXPORTER_OTLP_CERTIFICATE'],
  // No certificate is in it.
  [{ OTEL_EXPORTER_OTLP_CERTIFICATE: import.meta.filename }, 'OTEL_EXPORTER_OTLP_CERTIFICATE is no PEM file'],
])('%j, which can never work, ends the start where tracing is on, and only there', async (env, name) => {
  await expect(open({ ...ON, ...env })).rejects.toThrow(ConfigurationError)
  await expect(open({ ...ON, ...env })).rejects.toThrow(name)
  expect((await open(env)).isOn).toBe(false)
})

it('pairs are read as OpenTelemetry writes them', () => {
  const loaded = read({
    OTEL_EXPORTER_OTLP_HEADERS: ' api-key = a%3Db , x-tenant=shop,',
    OTEL_RESOURCE_ATTRIBUTES: 'a.b=',
  })
  expect(loaded).toMatchObject({
    config: {
      otelExporterOtlpHeaders: { 'api-key': 'a=b', 'x-tenant': 'shop' },
      otelResourceAttributes: { 'a.b': '' },
    },
  })
})

it('the documents name the variables as OpenTelemetry does', () => {
  expect(z.object(tracingSettings).parse({})).toMatchObject({ otelTracesSampler: 'parentbased_always_on' })
  const table = configTable(definition)
  for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_BSP_SCHEDULE_DELAY', 'OTEL_TRACES_SAMPLER_ARG'])
    expect(table).toContain(`| \`${name}\` |`)
  expect(table).not.toContain('[object')
})
