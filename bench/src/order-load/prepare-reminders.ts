import { z } from 'zod'

/** The data of one request for a reminder. */
export interface PreparedReminder {
  readonly path: string
  readonly body: string
}

export const reminderSeries = z.strictObject({
  sale: z.string(),
  /** Distinguishes the buyers of one series from another's. */
  label: z.string(),
})

/** Makes the request for a reminder with a number: of its own buyer. Pure. */
export function reminderOf({ sale, label }: z.infer<typeof reminderSeries>, number: number): PreparedReminder {
  return { path: `/live/sales/${sale}/reminders`, body: JSON.stringify({ email: `${label}-${number}@example.org` }) }
}
