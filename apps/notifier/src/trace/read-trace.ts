import type { PurchaseTrace, TraceStep } from '@floodgate/contracts'
import type { PrismaClient } from '@floodgate/database'

interface Mail {
  readonly kind: string
  readonly status: string
  readonly attempts: number
  readonly lastError: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
}

const app = 'notifier' as const

const mailSteps = (mail: Mail): TraceStep[] => {
  const queued = { at: mail.createdAt.toISOString(), app, step: 'mail queued', detail: mail.kind }
  if (mail.sentAt !== null) {
    const detail = `${mail.kind}, attempt ${mail.attempts}`
    return [queued, { at: mail.sentAt.toISOString(), app, step: 'mail sent', detail }]
  }
  return [{ ...queued, detail: `${mail.kind}, ${mail.status}${mail.lastError === null ? '' : `: ${mail.lastError}`}` }]
}

interface TracedWebhook {
  readonly endpoint: string
  readonly type: string
  readonly status: string
  readonly attempts: number
  readonly lastError: string | null
  readonly createdAt: Date
  readonly sentAt: Date | null
}

const webhookSteps = ({
  endpoint,
  type,
  status,
  attempts,
  lastError,
  createdAt,
  sentAt,
}: TracedWebhook): TraceStep[] => {
  const queued = { at: createdAt.toISOString(), app, step: 'webhook queued', detail: `${type} to ${endpoint}` }
  if (sentAt !== null) {
    const detail = `${type} to ${endpoint}, attempt ${attempts}`
    return [queued, { at: sentAt.toISOString(), app, step: 'webhook sent', detail }]
  }
  // One that was never sent, and is over: an operator dropped it.
  const state = status === 'sent' ? 'dropped' : status
  return [{ ...queued, detail: `${queued.detail}, ${state}${lastError === null ? '' : `: ${lastError}`}` }]
}

/** Reads the notifier's records of one order; undefined for an unknown order. */
export async function readTrace(prisma: PrismaClient, order: string): Promise<PurchaseTrace | undefined> {
  const state = await prisma.orderState.findUnique({ where: { orderId: order }, select: { sale: true } })
  const mails = await prisma.mail.findMany({ where: { orderId: order }, orderBy: { createdAt: 'asc' } })
  const webhooks = await prisma.webhook.findMany({ where: { orderId: order }, orderBy: { createdAt: 'asc' } })
  if (state === null && mails.length === 0 && webhooks.length === 0) return undefined
  return { order, ...state, steps: [...mails.flatMap(mailSteps), ...webhooks.flatMap(webhookSteps)] }
}
