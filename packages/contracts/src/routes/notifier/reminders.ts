import { z } from 'zod'
import { reminderAccepted, reminderRequest } from '../../http/reminders.ts'
import { saleId } from '../../scalars.ts'
import { EVERYBODY } from '../auth.ts'
import { defineRoute, empty, jsonBody, success } from '../define-route.ts'

export const requestReminderRoute = defineRoute({
  method: 'post',
  path: '/live/sales/{sale}/reminders',
  summary: 'Ask for a mail shortly before a sale opens; one per address and sale, safe to repeat',
  description: 'The response does not tell whether the address is known, or wants no reminders.',
  auth: EVERYBODY,
  request: {
    params: z.object({ sale: saleId }),
    body: jsonBody(reminderRequest, { email: 'ann@example.org' }),
  },
  responses: {
    202: success('Noted', reminderAccepted, {
      example: { sale: 'demo', opensAt: '2027-03-28T10:00:00.000Z' },
    }),
  },
  problems: {
    'not-found': 'no such sale is known',
    'reminder-late': true,
    'reminders-full': true,
    'sale-closed': true,
    'too-many-requests': true,
    unavailable: true,
  },
})

export const stopRemindersRoute = defineRoute({
  method: 'post',
  path: '/live/sales/{sale}/reminders/{token}',
  summary: 'End reminders to an address, for all sales; the one-click link of their mails (RFC 8058), safe to repeat',
  description: 'The body is not read: mail programs send a form.',
  auth: EVERYBODY,
  request: { params: z.object({ sale: saleId, token: z.string().max(200) }) },
  responses: { 204: empty('No reminder is sent to this address any more') },
  problems: { 'not-found': 'the link is damaged', 'too-many-requests': true, unavailable: true },
})
