import type { MailOccasion } from '@floodgate/texts'
import type { Notice } from './notice.ts'

/** What happened to an order, as far as its buyer is told in words of its own. */
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
