import type { MailOccasion } from '@floodgate/texts'
import type { Notice } from './notice.ts'

/** Returns the occasion of a notice: a cancellation has one for each reason. */
export function occasionOf(notice: Notice): MailOccasion {
  if (notice.kind !== 'cancelled') return notice.kind
  switch (notice.reason) {
    case 'by-buyer':
      return 'cancelled-by-buyer'
    case 'by-operator':
      return 'cancelled-by-operator'
    default:
      return notice.reason
  }
}
