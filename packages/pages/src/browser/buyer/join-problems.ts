import type { Texts, Words } from '@floodgate/texts/types'
import { isPassing, type Problem } from '../shared/problem.ts'
import { reasonOf } from './problem-texts.ts'

/** Returns why the line rejected the buyer, and what happens next or what to do. */
export function joinProblemText(problem: Problem, texts: Texts): Words {
  const { joinRefusals } = texts.pages
  switch (problem.code) {
    case 'line-full':
      return joinRefusals.lineFull
    case 'too-many-requests':
      return joinRefusals.tooManyRequests
    case 'origin-refused':
      return joinRefusals.originRefused
    case 'not-found':
      return joinRefusals.notFound
    case 'identity-required':
      return joinRefusals.identityRequired
    case 'identity-invalid':
      return joinRefusals.identityInvalid
    case 'identity-revoked':
      return joinRefusals.identityRevoked
    default:
      return isPassing(problem) ? joinRefusals.busy : joinRefusals.unknown({ reason: reasonOf(problem, texts) })
  }
}
