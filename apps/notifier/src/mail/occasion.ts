import type { MailOccasion } from '@floodgate/texts'
import type { Notice } from './notice.ts'

/** Returns the occasion of a notice: a cancellation has one for each reason, a late confirmation its own. */
export function occasionOf(notice: Notice): MailOccasion {
  if (notice.kind === 'confirmed') return notice.revived === true ? 'confirmed-late' : 'confirmed'
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
