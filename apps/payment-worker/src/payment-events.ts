import type { NewEvent } from '@floodgate/outbox'

export type PaymentEvent = Extract<NewEvent, { readonly type: `payment.${string}` }>
