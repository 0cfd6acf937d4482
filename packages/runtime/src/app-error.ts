import { type ProblemCode, problemKinds } from '@floodgate/contracts'

interface AppErrorOptions {
  /** The fault and the remedy, for the caller. Never contains secrets or data of others. */
  readonly detail?: string
  /** Members of the problem besides the standard ones (RFC 9457 §3.2). */
  readonly members?: Readonly<Record<string, unknown>>
  /** Seconds until a repetition may succeed, sent as `Retry-After`. */
  readonly retryAfterSeconds?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
  /** Overrides the status that the table has for the code. */
  readonly status?: number
}

/** An error with a stable code; its status, title and problem type come from the contracts' one table. */
export class AppError extends Error {
  readonly code: ProblemCode
  readonly publicDetail: string
  readonly members: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
  readonly status: number

  constructor(code: ProblemCode, options: AppErrorOptions = {}) {
    super(options.detail ?? problemKinds[code].title, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.publicDetail = this.message
    this.members = options.members ?? {}
    this.status = options.status ?? problemKinds[code].status
    this.headers = {
      ...options.headers,
      ...(options.retryAfterSeconds === undefined
        ? {}
        : { 'retry-after': String(Math.max(1, Math.ceil(options.retryAfterSeconds))) }),
    }
  }

  get retryable(): boolean {
    return problemKinds[this.code].retryable
  }
}
