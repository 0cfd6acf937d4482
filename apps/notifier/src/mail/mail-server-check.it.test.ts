import { runChecks } from '@floodgate/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fixture, startFixture } from '../testing/fixture.ts'
import { mailServerCheck } from './mail-server-check.ts'

let fixture: Fixture
beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture.stop())

async function findingOf(smtpUrl: string, msMax = 5_000) {
  const settings = { smtpUrl, smtpTls: 'none', smtpTimeoutMs: 20_000 } as const
  const [result] = await runChecks([mailServerCheck(settings)], { msMax })
  return result?.finding
}

test('a mail server is tried up to its login, without a mail', async () => {
  const url = fixture.smtpUrl.replace('://', '://user:password@')
  expect(await findingOf(fixture.smtpUrl)).toEqual({ kind: 'ok' })
  expect(await findingOf(url)).toMatchObject({ kind: 'warning', problem: 'the password is readable on the way' })
  await fixture.controlMail({ mode: 'refuse', at: 'auth', code: 535 })
  expect(await findingOf(url)).toMatchObject({ kind: 'failed', problem: expect.stringContaining('rejected the login') })
  await fixture.controlMail({ mode: 'mute', at: 'connect' })
  expect(await findingOf(url, 200)).toMatchObject({ problem: 'no response within 0.2 s' })
  await fixture.controlMail({ mode: 'ok' })
  expect(await findingOf('smtp://127.0.0.1:1')).toMatchObject({ problem: expect.stringContaining('refused') })
})
