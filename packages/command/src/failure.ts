import { UnexpectedResponse } from '@floodgate/client'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { NoResponse } from './no-response.ts'
import { oneLine } from './terminal-text.ts'
import { UsageError } from './usage-error.ts'

/** The end of a command that failed: one line for people, and what a program needs. */
export interface Failure {
  readonly exit: ExitCode
  readonly code: string
  readonly line: string
}

const SERVER_ERROR = 500
const STRANGE = 'Is it Floodgate at this URL, and of the same release as this command?'
const ADVICE: Readonly<Record<string, string>> = {
  unauthorized: 'Check the token: it may be expired or revoked (floodgate help).',
  'role-too-low': 'Ask an admin, or use a token with that role.',
  'too-many-requests': 'Wait a moment, and check the token.',
  'not-found': 'Check the id, and the URL of the app.',
  unavailable: 'Repeat the command in a moment.',
  busy: 'Repeat the command in a moment.',
  'time-past': 'To open or close a sale now, use floodgate sales open or close.',
  'campaign-changed': 'Repeat the command.',
  'version-conflict': 'Somebody else changed it: read it again, then repeat the command.',
}

/** Describes an error in one line, with what to do. Pure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) return { exit: EXIT.usage, code: 'usage', line: error.message }
  if (error instanceof UnexpectedResponse) return failureOfResponse(error)
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof NoResponse) return { exit: EXIT.unavailable, code: 'no-response', line: oneLine(message) }
  return { exit: EXIT.failed, code: 'failed', line: `The command failed: ${oneLine(message)}` }
}

function failureOfResponse({ problem, received, message }: UnexpectedResponse): Failure {
  const exit = received.status >= SERVER_ERROR ? EXIT.unavailable : EXIT.rejected
  if (problem === undefined) return { exit, code: 'not-floodgate', line: `${oneLine(message)} ${STRANGE}` }
  const { code, title, detail, errors = [], traceId } = problem
  const faults = errors.map(({ pointer, message: fault }) => `${pointer} ${fault}`)
  const parts = [title, detail === title ? '' : detail, ...faults, ADVICE[code] ?? '']
  const text = parts.filter((part) => part !== '').map((part) => (/[.!?]$/.test(part) ? part : `${part}.`))
  return { exit, code, line: oneLine(`${text.join(' ')} (${code}, trace ${traceId})`) }
}
