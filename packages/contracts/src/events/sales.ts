import { z } from 'zod'
import { saleState } from '../http/waiting-room.ts'
import { languageTag, saleId, timestamp } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

/** One event per sale version: the whole public state after an operator action or a scheduled change. */
const data = z.strictObject({
  sale: saleId,
  name: z.string(),
  state: saleState,
  opensAt: timestamp.nullable(),
  closesAt: timestamp.nullable(),
  language: languageTag
    .optional()
    .describe(
      "Language for buyers. Absent: each buyer's `Accept-Language` decides, or an older process wrote the event",
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
  summary: 'The sale opened: buyers are admitted.',
})
export const salePausedEvent = defineEvent({
  ...sale,
  type: 'sale.paused.v1',
  summary: 'The sale is paused: no buyer is admitted; places are kept.',
})
export const saleResumedEvent = defineEvent({
  ...sale,
  type: 'sale.resumed.v1',
  summary: 'The sale resumed: buyers are admitted again.',
})
export const saleReopenedEvent = defineEvent({
  ...sale,
  type: 'sale.reopened.v1',
  summary: 'A closed sale was reopened, paused, with its previous line.',
})
export const saleClosedEvent = defineEvent({
  ...sale,
  type: 'sale.closed.v1',
  summary: 'The sale closed: no further buyers are admitted; admitted buyers may finish.',
})
