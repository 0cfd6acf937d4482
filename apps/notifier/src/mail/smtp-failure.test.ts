import { expect, test } from 'vitest'
import { smtpFailure } from './smtp-failure.ts'

const failure = (code: string, responseCode?: number, command?: string) => {
  const { kind, ...rest } = smtpFailure({ code, responseCode, command, message: 'to <someone@example.org>' })
  return 'cause' in rest ? `${kind} ${rest.cause}` : kind
}

test.each([
  ['EAUTH', 535, 'AUTH PLAIN', 'sender authentication'],
  ['EAUTH', undefined, 'API', 'sender authentication'],
  ['EENVELOPE', 530, 'MAIL FROM', 'sender authentication'],
  ['EENVELOPE', 530, 'RCPT TO', 'sender authentication'],
  ['EMESSAGE', 454, 'DATA', 'sender authentication'],
  ['EENVELOPE', 550, 'MAIL FROM', 'sender sender'],
  ['EENVELOPE', 451, 'MAIL FROM', 'sender sender'],
  ['EENVELOPE', 421, 'MAIL FROM', 'sender connection'],
  ['EENVELOPE', 552, 'MAIL FROM', 'rejected'],
  ['EMESSAGE', undefined, 'MAIL FROM', 'rejected'],
  ['EENVELOPE', undefined, 'API', 'rejected'],
  ['ECONNECTION', undefined, 'CONN', 'sender connection'],
  ['ETIMEDOUT', undefined, 'CONN', 'sender connection'],
  ['ESOCKET', undefined, 'CONN', 'sender connection'],
  ['EABORT', undefined, undefined, 'sender connection'],
  ['EPROTOCOL', 554, 'CONN', 'sender connection'],
  ['EPROTOCOL', 421, 'CONN', 'sender connection'],
  ['ECONNECTION', 421, 'CONN', 'deferred'],
  ['ECONNECTION', 502, 'EHLO', 'sender connection'],
  ['ETLS', undefined, 'STARTTLS', 'sender connection'],
  ['EENVELOPE', 550, 'RCPT TO', 'rejected'],
  ['EENVELOPE', 450, 'RCPT TO', 'deferred'],
  ['EENVELOPE', 421, 'RCPT TO', 'deferred'],
  ['EENVELOPE', 503, 'DATA', 'deferred'],
  ['EENVELOPE', 554, 'DATA', 'rejected'],
  ['EMESSAGE', 451, 'DATA', 'deferred'],
  ['EMESSAGE', 554, 'DATA', 'rejected'],
] as const)('%s %s to %s is %s', (code, responseCode, command, expected) => {
  expect(failure(code, responseCode, command)).toBe(expected)
})

test("an error unknown to the library counts as the connection's, and addresses are omitted", () => {
  for (const unknown of [undefined, null, 'text', new Error('to <someone@example.org>')])
    expect(smtpFailure(unknown)).toEqual({ kind: 'sender', cause: 'connection', detail: 'unknown error' })
  expect(JSON.stringify(smtpFailure({ code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }))).not.toContain('@')
})
