import { z } from 'zod'
import { saleId, timestamp } from '../scalars.ts'
import { defineEvent } from './define-event.ts'

export const admissionRevokedEvent = defineEvent({
  type: 'admission.revoked.v1',
  topic: 'floodgate.admissions',
  summary: 'The buyer gave its turn back: the pass of this slot starts no order any more, although it ends later.',
  key: ({ slot }) => slot,
  data: z.strictObject({ sale: saleId, slot: z.string(), passExpiresAt: timestamp, at: timestamp }),
})

export const admissionVoidedEvent = defineEvent({
  type: 'admission.voided.v1',
  topic: 'floodgate.admissions',
  summary: 'The order core accepts no order with this revoked pass any more, and none is under way on its slot.',
  key: ({ slot }) => slot,
  data: z.strictObject({ sale: saleId, slot: z.string(), at: timestamp }),
})
