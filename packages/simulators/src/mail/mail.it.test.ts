import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { caughtMessages } from '@floodgate/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startMailCatcher } from '../start.ts'

/** Long enough for any reply: only a mute server is silent for so long. */
const SILENCE_MS = 1_000

let catcher: Awaited<ReturnType<typeof startMailCatcher>>

beforeEach(async () => {
  catcher = await startMailCatcher()
})
afterEach(() => catcher.stop())

/** Speaks SMTP (RFC 5321) by hand and returns the reply to the message. */
const send = async (messageId: string): Promise<string> => {
  const socket = new Socket()
  socket.connect(Number(new URL(catcher.smtpUrl).port), '127.0.0.1')
  const message = `Message-ID: <${messageId}>\r\nSubject: Hello\r\nContent-Type: text/plain\r\n\r\nBody\r\n.`
  const commands = ['HELO test', 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>', 'DATA', message, 'QUIT']
  const replies: string[] = []
  for await (const line of createInterface({ input: socket })) {
    replies.push(line)
    socket.write(`${commands[replies.length - 1] ?? 'QUIT'}\r\n`)
    if (replies.length === commands.length) break
  }
  socket.destroy()
  return replies[commands.length - 1] ?? ''
}
const messages = async () => caughtMessages.parse(await (await fetch(`${catcher.url}/messages`)).json()).messages
const control = (mode: string, fault: { at?: string; code?: number; domain?: string } = {}) =>
  fetch(`${catcher.url}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode, ...fault }),
  })

/** Sends one command after the other and returns the last line of each reply, until the server falls silent. */
const converse = async (...commands: string[]): Promise<string[]> => {
  const socket = new Socket()
  const lines = createInterface({ input: socket })
  socket.setTimeout(SILENCE_MS, () => lines.close())
  socket.connect(Number(new URL(catcher.smtpUrl).port), '127.0.0.1')
  const replies: string[] = []
  for await (const line of lines) {
    if (/^\d{3}-/.test(line)) continue
    replies.push(line)
    const command = commands[replies.length - 1]
    if (command === undefined) break
    socket.write(`${command}\r\n`)
  }
  socket.destroy()
  return replies
}

test('a mail is shown with its id, its recipient and its text', async () => {
  expect(await send('one@example.org')).toMatch(/^250 /)
  expect(await messages()).toMatchObject([
    { messageId: '<one@example.org>', to: 'b@example.org', subject: 'Hello', text: 'Body\n' },
  ])
})

test('set to fail it defers, set to reject it rejects permanently, and keeps neither mail', async () => {
  await control('fail')
  expect(await send('one@example.org')).toMatch(/^451 /)
  await control('reject')
  expect(await send('two@example.org')).toMatch(/^550 /)
  expect(await messages()).toEqual([])
})

test.each([
  { at: 'connect', code: 421, replies: 1 },
  { at: 'auth', code: 535, replies: 3 },
  { at: 'sender', code: 530, replies: 4 },
  { at: 'recipient', code: 550, replies: 5 },
])('a rejection at $at gets $code, and every step before it succeeds', async ({ at, code, replies }) => {
  await control('refuse', { at, code })
  const credentials = Buffer.from('\0user\0password').toString('base64')
  const said = ['EHLO test', `AUTH PLAIN ${credentials}`, 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>']
  const responded = await converse(...said.slice(0, replies - 1))
  expect(responded).toHaveLength(replies)
  expect(responded.slice(0, -1).every((reply) => reply.startsWith('2'))).toBe(true)
  expect(responded.at(-1)).toMatch(new RegExp(`^${code} `))
})

test('a rejection of one domain does not affect the others', async () => {
  await control('refuse', { at: 'recipient', code: 450, domain: 'full.example' })
  const replies = await converse(
    'HELO test',
    'MAIL FROM:<a@example.org>',
    'RCPT TO:<b@full.example>',
    'RCPT TO:<b@example.org>',
  )
  expect(replies.slice(3).map((reply) => reply.slice(0, 3))).toEqual(['450', '250'])
})

test('a mute server accepts the connection and sends nothing', async () => {
  await control('mute', { at: 'connect' })
  expect(await converse('HELO test')).toEqual([])
})

test('the inbox can be emptied', async () => {
  await send('one@example.org')
  expect((await fetch(`${catcher.url}/messages`, { method: 'DELETE' })).status).toBe(204)
  expect(await messages()).toEqual([])
})
