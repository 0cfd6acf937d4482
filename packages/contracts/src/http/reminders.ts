import { z } from 'zod'
import { emailAddress, saleId, timestamp } from '../scalars.ts'

export const reminderRequest = z.strictObject({ email: emailAddress })

/** The same for every address, whether it was known before or not. */
export const reminderAccepted = z.strictObject({
  sale: saleId,
  opensAt: timestamp
    .nullable()
    .describe('When the sale opens, as far as known. The mail follows the sale when it is moved'),
})
