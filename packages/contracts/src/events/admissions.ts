import { z } from 'zod'
import { saleId, timestamp } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

export const admissionRevokedEvent = defineEvent({
  type: 'admission.revoked.v1',
  topic: 'floodgate.admissions',
  summary: 'The buyer gave the turn back: the admission of this slot starts no more orders, although it expires later.',
  key: ({ slot }) => slot,
  data: z.strictObject({ sale: saleId, slot: z.string(), passExpiresAt: timestamp, at: timestamp }),
})

export const admissionVoidedEvent = defineEvent({
  type: 'admission.voided.v1',
  topic: 'floodgate.admissions',
  summary: 'The order core accepts no more orders with this revoked admission, and none is in progress on its slot.',
  key: ({ slot }) => slot,
  data: z.strictObject({ sale: saleId, slot: z.string(), at: timestamp }),
})
