import { z } from 'zod'
import { saleState } from '../http/waiting-room.ts'
import { languageTag, saleId, timestamp } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

/** One event per sale version: the whole public state after an operator act or a scheduled change. */
const data = z.strictObject({
  sale: saleId,
  name: z.string(),
  state: saleState,
  opensAt: timestamp.nullable(),
  closesAt: timestamp.nullable(),
  language: languageTag
    .optional()
    .describe(
      "In which buyers are addressed; without: by each buyer's `Accept-Language`, or written by an older process",
    ),
  at: timestamp,
})
const sale = { topic: 'floodgate.sales', key: (event: { sale: string }) => event.sale, data } as const

export const saleConfiguredEvent = defineEvent({
  ...sale,
  type: 'sale.configured.v1',
  summary: 'A sale was created, or its settings changed.',
})
export const saleOpenedEvent = defineEvent({
  ...sale,
  type: 'sale.opened.v1',
  summary: 'The sale opened: buyers are let in.',
})
export const salePausedEvent = defineEvent({
  ...sale,
  type: 'sale.paused.v1',
  summary: 'Nobody is let in for now; places are kept.',
})
export const saleResumedEvent = defineEvent({
  ...sale,
  type: 'sale.resumed.v1',
  summary: 'Buyers are let in again.',
})
export const saleReopenedEvent = defineEvent({
  ...sale,
  type: 'sale.reopened.v1',
  summary: 'A closed sale continues, paused, with the line it had.',
})
export const saleClosedEvent = defineEvent({
  ...sale,
  type: 'sale.closed.v1',
  summary: 'Nobody new is let in; those inside may finish.',
})
