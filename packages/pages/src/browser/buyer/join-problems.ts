import type { Texts, Words } from '@floodgate/texts/types'
import { isPassing, type Problem } from '../shared/problem.ts'
import { reasonOf } from './problem-texts.ts'

/** Returns why the line rejected the buyer, and what happens next or what to do. */
export function joinProblemText(problem: Problem, texts: Texts): Words {
  const { joinRejections } = texts.pages
  switch (problem.code) {
    case 'line-full':
      return joinRejections.lineFull
    case 'too-many-requests':
      return joinRejections.tooManyRequests
    case 'origin-refused':
      return joinRejections.originRejected
    case 'not-found':
      return joinRejections.notFound
    case 'identity-required':
      return joinRejections.identityRequired
    case 'identity-invalid':
      return joinRejections.identityInvalid
    case 'identity-revoked':
      return joinRejections.identityRevoked
    default:
      return isPassing(problem) ? joinRejections.busy : joinRejections.unknown({ reason: reasonOf(problem, texts) })
  }
}
