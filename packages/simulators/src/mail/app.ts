import { createHttpApp, type Listening, listen, mountOperations, readJsonBody } from '@floodgate/http'
import type { Service, ServiceDeps } from '@floodgate/runtime'
import { z } from 'zod'
import { createBehaviourSwitch } from '../behaviour.ts'
import type { MailCatcherConfig } from './config.ts'
import { createInbox } from './inbox.ts'
import { type MailFault, type MailMode, mailModes, mailSteps, startSmtp } from './smtp.ts'

const CLOSE_GRACE_MS = 500

const mailControl = z.strictObject({
  mode: z.enum(mailModes),
  percent: z.int().min(0).max(100).default(100),
  delayMs: z.int().min(0).max(600_000).default(0),
  forSeconds: z.number().min(0).max(86_400).nullish(),
  /** For `refuse` and `mute`. */
  at: z.enum(mailSteps).default('data'),
  code: z.int().min(400).max(599).default(451),
  domain: z.string().min(1).max(253).optional(),
})

/** Creates the mail catcher as a service; its addresses are known once it has started. */
export function createMailCatcher(
  config: MailCatcherConfig,
  deps: Pick<ServiceDeps, 'log' | 'metrics'>,
): Service & { url(): string; smtpUrl(): string } {
  const inbox = createInbox(config.messagesMax)
  const behaviour = createBehaviourSwitch<MailMode, MailFault>({ ok: 'ok', nowMs: Date.now, random: Math.random })
  const app = createHttpApp({ ...deps, allowedOrigins: config.allowedOrigins })
  // Only development reaches a simulator: one port is enough.
  mountOperations(app, {
    api: { title: 'Mail catcher', description: 'A mail server for development and tests.', routes: {} },
    metrics: deps.metrics,
    checks: {},
  })
  app.get('/messages', async (c) => c.json({ messages: await inbox.list() }))
  app.delete('/messages', (c) => {
    inbox.clear()
    return c.body(null, 204)
  })
  app.get('/control', (c) => c.json(behaviour.current()))
  app.post('/control', async (c) => {
    const { at, code, domain, ...rest } = await readJsonBody(c, mailControl)
    behaviour.set({ ...rest, detail: { at, code, domain } })
    return c.json(behaviour.current())
  })
  let smtp: Awaited<ReturnType<typeof startSmtp>> | undefined
  let http: Listening | undefined
  return {
    async start() {
      smtp = await startSmtp({ host: config.host, port: config.smtpPort, inbox, behaviour })
      http = await listen({ fetch: app.fetch, host: config.host, port: config.port })
      deps.log.info({ url: http.url, smtpPort: smtp.port }, 'listening')
    },
    async stop() {
      await smtp?.close()
      await http?.close(CLOSE_GRACE_MS)
    },
    url: () => http?.url ?? '',
    smtpUrl: () => `smtp://127.0.0.1:${smtp?.port ?? 0}`,
  }
}
