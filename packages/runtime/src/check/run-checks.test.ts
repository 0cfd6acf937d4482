import { expect, it } from 'vitest'
import { z } from 'zod'
import { redisUrlSetting } from '../config/common-settings.ts'
import { defineConfig } from '../config/define-config.ts'
import { setting } from '../config/setting.ts'
import { type ConnectionCheck, type Finding, failed, warned } from './connection-check.ts'
import { failedConnection } from './failed-connection.ts'
import { formatResults, resultsAsJson, succeeded } from './format-results.ts'
import { runChecks } from './run-checks.ts'
import { createSecretHider } from './without-secrets.ts'

function checkOf(name: string, run: ConnectionCheck['run']): ConnectionCheck {
  return { name, setting: `${name.toUpperCase()}_URL`, run }
}
const ok: Finding = { kind: 'ok', detail: 'primary' }
const withCode = (code: string) => Object.assign(new Error(`connect ${code}`), { code })

it('checks run side by side, and a mute server fails after the time of a check', async () => {
  const begun: string[] = []
  function mute(name: string): ConnectionCheck {
    return checkOf(name, (signal) => {
      begun.push(name)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(withCode('ECONNRESET'))))
    })
  }
  const never = checkOf('never', () => new Promise(() => {}))
  const results = await runChecks([mute('one'), checkOf('two', async () => ok), mute('three'), never], { msMax: 20 })
  expect(begun).toEqual(['one', 'three'])
  expect(results.map(({ name, finding }) => [name, finding.kind])).toEqual([
    ['one', 'failed'],
    ['two', 'ok'],
    ['three', 'failed'],
    ['never', 'failed'],
  ])
  const late = results.filter(({ name }) => name !== 'two')
  for (const { finding } of late) expect(finding).toMatchObject({ problem: 'no response within 0.02 s' })
})

it.each([
  ['a rejection', async () => Promise.reject(withCode('ECONNREFUSED'))],
  [
    'an error that is thrown',
    () => {
      throw withCode('ECONNREFUSED')
    },
  ],
])('%s counts as a failure and ends nothing else', async (_, run) => {
  const results = await runChecks([checkOf('one', run), checkOf('two', async () => ok)])
  expect(results).toMatchObject([
    { finding: { kind: 'failed', problem: expect.stringContaining('refused') } },
    { finding: ok },
  ])
})

it('each connection is one line: state, name, variable, what is wrong and what to do', async () => {
  const results = await runChecks([
    checkOf('a', async () => ok),
    checkOf('server', async () => failed('it says\n  no', 'Mend it.')),
    checkOf('later', async () => warned('not there.', 'Start it.')),
  ])
  expect(formatResults(results)).toBe(
    ['ok       a       A_URL       primary', 'failed   server  SERVER_URL  it says no. Mend it.']
      .concat('warning  later   LATER_URL   not there. Start it.', '')
      .join('\n'),
  )
  expect(JSON.parse(resultsAsJson('shop', results))).toEqual({
    app: 'shop',
    ok: false,
    checks: [
      { name: 'a', setting: 'A_URL', state: 'ok', detail: 'primary' },
      { name: 'server', setting: 'SERVER_URL', state: 'failed', problem: 'it says\n  no', advice: 'Mend it.' },
      { name: 'later', setting: 'LATER_URL', state: 'warning', problem: 'not there.', advice: 'Start it.' },
    ],
  })
})

it('a warning is no failure', async () => {
  expect(succeeded(await runChecks([checkOf('a', async () => warned('not there', 'Start it.'))]))).toBe(true)
  expect(succeeded(await runChecks([checkOf('a', async () => failed('wrong', 'Mend it.'))]))).toBe(false)
})

it.each([
  ['a refused connection', withCode('ECONNREFUSED'), 'refused'],
  ['a wrapped error, as of fetch', new TypeError('fetch failed', { cause: withCode('ENOTFOUND') }), 'resolve'],
  ['several addresses', new AggregateError([withCode('EHOSTUNREACH'), withCode('ECONNREFUSED')]), 'route'],
  [
    'an error with the number of the system',
    Object.assign(new Error('x'), { code: 'ESOCKET', errno: -111 }),
    'refused',
  ],
  ['an unknown authority', withCode('SELF_SIGNED_CERT_IN_CHAIN'), 'authority'],
  ['a replaced code', Object.assign(new Error('x'), { code: 'ESOCKET', originalCode: 'CERT_HAS_EXPIRED' }), 'expired'],
  ['a missing client certificate', withCode('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'), 'client certificate'],
  ['another host name', withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'host names'],
  ['anything else', new Error('odd'), 'odd'],
  ['no error at all', 'odd', 'odd'],
])('%s is explained, with the variable to correct', (_, error, words) => {
  const finding = failedConnection(error, 'SERVER_URL')
  expect(finding).toMatchObject({ kind: 'failed', problem: expect.stringContaining(words) })
  expect(finding.kind === 'failed' && finding.advice).toMatch(/SERVER_URL|certificate|clock/)
})

it('secrets are hidden in everything that is printed: whole values, and passwords as written and as decoded', () => {
  const definition = defineConfig({
    app: 'example',
    summary: 'an example',
    settings: {
      token: setting.secret({ description: 'a token' }),
      databaseUrl: setting.serverUrl({ description: 'a server', schemes: ['postgres'], secret: true }),
      redisUrl: redisUrlSetting,
      level: z.string(),
    },
  })
  const config = {
    token: 'token-of-a-test-case',
    databaseUrl: 'postgres://user:pa%25ss%40word@host/x',
    redisUrl: 'redis+sentinel://a,b/shop?sentinelPassword=guard%2Fword&db=1',
    level: 'debug',
  }
  const hideSecrets = createSecretHider(definition, config)
  const said = `${config.databaseUrl} user rejected pa%ss@word (pa%25ss%40word) token-of-a-test-case, guard/word (guard%2Fword) at debug`
  expect(hideSecrets(said)).toBe('*** user rejected *** (***) ***, *** (***) at debug')
})
