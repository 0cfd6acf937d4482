import { describe, expect, it } from 'vitest'
import { commonSettings } from './common-settings.ts'
import { defineConfig } from './define-config.ts'
import { configEnvExample, configHelp, configTable, describeSettings } from './document-config.ts'
import { loadConfig } from './load-config.ts'
import { setting } from './setting.ts'

const definition = defineConfig({
  app: 'example',
  summary: 'an example',
  settings: {
    port: setting.integer({ description: 'Port to listen on', unit: 'port', min: 1, max: 65_535, default: 7100 }),
    adminToken: setting.secret({ description: 'Operator token' }),
    ...commonSettings,
  },
})
const secret = { ADMIN_TOKEN: 'a-token-that-is-long-enough' }
const portFrom = (sources: { argv?: string[]; env?: Record<string, string>; envFile?: string }) => {
  const loaded = loadConfig(definition, { argv: [], ...sources, env: { ...secret, ...sources.env } })
  return loaded.kind === 'config' ? loaded.config.port : loaded
}

describe('the configuration of a service', () => {
  it('prefers a flag to the environment, that to .env, and that to the default', () => {
    const env = { PORT: '2' }
    const envFile = 'PORT=3'
    expect(portFrom({ argv: ['--port', '1'], env, envFile })).toBe(1)
    expect(portFrom({ env, envFile })).toBe(2)
    expect(portFrom({ envFile })).toBe(3)
    expect(portFrom({})).toBe(7100)
  })

  it('treats an empty variable as unset', () => {
    expect(portFrom({ env: { PORT: '' } })).toBe(7100)
  })

  it('reports every problem at once, by name and never by value', () => {
    const loaded = loadConfig(definition, { argv: [], env: { PORT: '70000', ADMIN_TOKEN: 'short', LOG_LEVEL: 'loud' } })
    expect(loaded.kind).toBe('invalid')
    const problems = loaded.kind === 'invalid' ? loaded.problems.join('\n') : ''
    expect(problems).toMatch(/PORT[\s\S]*ADMIN_TOKEN[\s\S]*LOG_LEVEL/)
    expect(problems).not.toMatch(/70000|short|loud/)
  })

  it.each(['a secret with spaces in it', '비밀번호-비밀번호-비밀번호-비밀번호', 'x'.repeat(4_097)])(
    'rejects a secret that no header can carry: with it every operator would be rejected',
    (value) => {
      const loaded = loadConfig(definition, { argv: [], env: { ADMIN_TOKEN: value } })
      expect(loaded).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining('ADMIN_TOKEN')] })
    },
  )

  it('rejects the token of a person as a secret: its revocation would not count', () => {
    const loaded = loadConfig(definition, { argv: [], env: { ADMIN_TOKEN: `fgop_${'a'.repeat(43)}` } })
    expect(loaded).toMatchObject({ kind: 'invalid', problems: [expect.stringContaining('the token of a person')] })
  })

  it('reports a missing required setting', () => {
    const loaded = loadConfig(definition, { argv: [], env: {} })
    expect(loaded).toEqual({
      kind: 'invalid',
      problems: ['ADMIN_TOKEN is required and not set (flag --admin-token)'],
    })
  })

  it('is described by its variables, without secrets', () => {
    const loaded = loadConfig(definition, { argv: ['--port', '1'], env: secret })
    if (loaded.kind !== 'config') throw new Error(loaded.kind)
    const described = describeSettings(definition, loaded.config)
    expect(described).toMatchObject({ PORT: '1', ADMIN_TOKEN: '(secret)', ALLOWED_ORIGINS: null })
    expect(JSON.stringify(described)).not.toContain(secret.ADMIN_TOKEN)
  })

  it('rejects an unknown flag', () => {
    expect(loadConfig(definition, { argv: ['--prot', '1'], env: secret }).kind).toBe('invalid')
  })

  it('asks for a check of the connections instead of a start, with --check, and for JSON with --json', () => {
    expect(loadConfig(definition, { argv: ['--check'], env: secret })).toMatchObject({ kind: 'check', asJson: false })
    const asJson = loadConfig(definition, { argv: ['--check', '--json', '--port', '1'], env: secret })
    expect(asJson).toMatchObject({ kind: 'check', asJson: true, config: { port: 1 } })
    expect(loadConfig(definition, { argv: ['--json'], env: secret })).toEqual({
      kind: 'invalid',
      problems: ['--json needs --check'],
    })
  })

  it('rejects a wrong configuration with every problem, before any connection is checked', () => {
    const loaded = loadConfig(definition, { argv: ['--check'], env: { PORT: '70000', LOG_LEVEL: 'loud' } })
    expect(loaded.kind === 'invalid' && loaded.problems).toHaveLength(3)
  })

  it('rejects settings that contradict each other, all at once', () => {
    const contradictory = defineConfig({
      app: 'example',
      summary: 'an example',
      settings: commonSettings,
      contradictions: ({ host, environment }) => [`${host} is wrong.`, `${environment} is too.`],
    })
    const problems = ['127.0.0.1 is wrong.', 'production is too.']
    expect(loadConfig(contradictory, { argv: [], env: {} })).toEqual({ kind: 'invalid', problems })
    expect(loadConfig(contradictory, { argv: ['--check'], env: {} })).toEqual({ kind: 'invalid', problems })
  })

  it('documents every setting in three forms', () => {
    for (const document of [configHelp(definition), configEnvExample(definition), configTable(definition)]) {
      expect(document).toContain('PORT')
      expect(document).toContain('ADMIN_TOKEN')
      expect(document).toContain('7100')
    }
    expect(configHelp(definition)).toContain('--admin-token')
  })
})
