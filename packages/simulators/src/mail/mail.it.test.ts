import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { caughtMessages } from '@floodgate/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startMailCatcher } from '../start.ts'

let catcher: Awaited<ReturnType<typeof startMailCatcher>>

beforeEach(async () => {
  catcher = await startMailCatcher()
})
afterEach(() => catcher.stop())

/** Speaks SMTP (RFC 5321) by hand and returns the answer to the message. */
const send = async (messageId: string): Promise<string> => {
  const socket = new Socket()
  socket.connect(Number(new URL(catcher.smtpUrl).port), '127.0.0.1')
  const message = `Message-ID: <${messageId}>\r\nSubject: Hello\r\nContent-Type: text/plain\r\n\r\nBody\r\n.`
  const commands = ['HELO test', 'MAIL FROM:<a@example.org>', 'RCPT TO:<b@example.org>', 'DATA', message, 'QUIT']
  const answers: string[] = []
  for await (const line of createInterface({ input: socket })) {
    answers.push(line)
    socket.write(`${commands[answers.length - 1] ?? 'QUIT'}\r\n`)
    if (answers.length === commands.length) break
  }
  socket.destroy()
  return answers[commands.length - 1] ?? ''
}
const messages = async () => caughtMessages.parse(await (await fetch(`${catcher.url}/messages`)).json()).messages
const control = (mode: string) =>
  fetch(`${catcher.url}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ mode }),
  })

test('a mail is shown with its id, its recipient and its text', async () => {
  expect(await send('one@example.org')).toMatch(/^250 /)
  expect(await messages()).toMatchObject([
    { messageId: '<one@example.org>', to: 'b@example.org', subject: 'Hello', text: 'Body\n' },
  ])
})

test('told to fail it refuses for now, told to reject it refuses for good, and keeps neither', async () => {
  await control('fail')
  expect(await send('one@example.org')).toMatch(/^451 /)
  await control('reject')
  expect(await send('two@example.org')).toMatch(/^550 /)
  expect(await messages()).toEqual([])
})

test('the inbox can be emptied', async () => {
  await send('one@example.org')
  expect((await fetch(`${catcher.url}/messages`, { method: 'DELETE' })).status).toBe(204)
  expect(await messages()).toEqual([])
})
