import { unsentMailState } from '@floodgate/contracts'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { MailQueue } from './unsent-mails.ts'

/** Scrapes within this time share one reading of the queue. */
const QUEUE_KEPT_MS = 2_000

export interface MailMetrics {
  readonly outcomes: Counter<'outcome'>
  readonly pauses: Counter<'cause'>
}

/** The metrics of the mail queue, which all processes see alike, and of this process' sender. */
export function createMailMetrics(
  registry: Registry,
  read: { queue: () => Promise<MailQueue>; isPaused: () => boolean; onQueueUnread: (error: unknown) => void },
): MailMetrics {
  const registers = [registry]
  let reading: { readonly startedMs: number; readonly queue: Promise<MailQueue> } | undefined

  /** Undefined while the database is away: the gauges then keep what they had. */
  async function queue(): Promise<MailQueue | undefined> {
    if (reading === undefined || performance.now() - reading.startedMs > QUEUE_KEPT_MS)
      reading = { startedMs: performance.now(), queue: read.queue() }
    const { queue } = reading
    try {
      return await queue
    } catch (error) {
      if (reading?.queue === queue) reading = undefined
      read.onQueueUnread(error)
      return undefined
    }
  }

  new Gauge({
    name: 'floodgate_mail_queue_length',
    help: 'Mails that are not sent, by state; dead ones wait for an operator',
    labelNames: ['state'] as const,
    aggregator: 'max',
    registers,
    async collect() {
      const lengths = (await queue())?.lengths
      if (lengths !== undefined) for (const state of unsentMailState.options) this.set({ state }, lengths[state])
    },
  })
  new Gauge({
    name: 'floodgate_mail_oldest_unsent_seconds',
    help: 'Age of the oldest mail that is still to be sent; 0 when there is none',
    aggregator: 'max',
    registers,
    async collect() {
      const oldestSeconds = (await queue())?.oldestSeconds
      if (oldestSeconds !== undefined) this.set(oldestSeconds)
    },
  })
  new Gauge({
    name: 'floodgate_mail_sender_paused',
    help: 'Whether the mail server failed last and a mail sender waits for it: 0 or 1',
    aggregator: 'max',
    registers,
    collect() {
      this.set(read.isPaused() ? 1 : 0)
    },
  })
  return {
    outcomes: new Counter({
      name: 'floodgate_mails_total',
      help: 'Mails taken up, by what came of them',
      labelNames: ['outcome'] as const,
      registers,
    }),
    pauses: new Counter({
      name: 'floodgate_mail_pauses_total',
      help: 'Pauses of the whole mail sender, by what the mail server failed at',
      labelNames: ['cause'] as const,
      registers,
    }),
  }
}
