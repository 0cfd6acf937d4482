import { unsentMailState } from '@floodgate/contracts'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { QueueFigures } from '../delivery/queue-operations.ts'
import { createFiguresReader } from '../delivery/read-figures.ts'

export interface MailMetrics {
  readonly outcomes: Counter<'outcome'>
  readonly pauses: Counter<'cause'>
}

/** Creates the metrics of the mail queue, which are the same in all processes, and of this process' sender. */
export function createMailMetrics(
  registry: Registry,
  read: { queue(): Promise<QueueFigures>; isPaused(): boolean; onQueueUnread(error: unknown): void },
): MailMetrics {
  const registers = [registry]
  const queue = createFiguresReader(read.queue, read.onQueueUnread)
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
      help: 'Attempted mails, by outcome',
      labelNames: ['outcome'] as const,
      registers,
    }),
    pauses: new Counter({
      name: 'floodgate_mail_pauses_total',
      help: 'Pauses of the whole mail sender, by fault of the mail server',
      labelNames: ['cause'] as const,
      registers,
    }),
  }
}
