import { subscribe } from 'node:diagnostics_channel'
import { readAnswerCheck, type SeenAnswer } from './declared.ts'

const undeclared: string[] = []
let answerCheck: ReturnType<typeof readAnswerCheck> | undefined

/** Records a response of an app that was called in this process, without HTTP. */
export function noteAnswer(answer: SeenAnswer): void {
  answerCheck ??= readAnswerCheck()
  const wrong = answerCheck(answer)
  if (wrong !== undefined) undeclared.push(wrong)
}

/** Returns what was recorded since the last call. */
export function takeUndeclared(): readonly string[] {
  return undeclared.splice(0)
}

interface FetchAnswer {
  readonly request: { readonly method: string; readonly path: string }
  readonly response: { readonly statusCode: number }
}
interface ClientAnswer {
  readonly request: { readonly method: string; readonly path: string }
  readonly response: { readonly statusCode?: number }
}

/** Records every HTTP response that this process receives through `fetch` or `node:http`. */
export function watchAnswers(): void {
  subscribe('undici:request:headers', function noteFetched(message) {
    const { request, response } = message as FetchAnswer
    noteAnswer({ method: request.method, path: request.path, status: response.statusCode })
  })
  subscribe('http.client.response.finish', function noteReceived(message) {
    const { request, response } = message as ClientAnswer
    noteAnswer({ method: request.method, path: request.path, status: response.statusCode ?? 0 })
  })
}
