import { isPassing, type Problem } from '../shared/problem.ts'

const RETRIES = 'Leave this page open: it tries again by itself.'

/** Says why the line did not take the buyer, and what happens next or what to do. */
export function joinRefusalText(problem: Problem): { title: string; lines: string[] } {
  switch (problem.code) {
    case 'line-full':
      return {
        title: 'The line is full',
        lines: ['As many buyers wait as the line can hold. You have no place yet.', RETRIES],
      }
    case 'too-many-requests':
      return {
        title: 'Too many buyers from your network',
        lines: ['Many buyers are joining from your network at the moment. You have no place yet.', RETRIES],
      }
    case 'origin-refused':
      return {
        title: 'You cannot join from here',
        lines: ['The shop does not accept buyers from this address.', 'Open the sale from the shop’s own site.'],
      }
    case 'not-found':
      return { title: 'This sale is not here', lines: ['The shop does not have this sale, or not any more.'] }
    default:
      return isPassing(problem)
        ? {
            title: 'You cannot join at the moment',
            lines: ['The shop is too busy to put you in line. You have no place yet.', RETRIES],
          }
        : { title: 'You could not join the line', lines: [problem.detail, 'Try again, or reload this page.'] }
  }
}
