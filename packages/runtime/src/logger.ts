import { pino } from 'pino'
import { loggedError } from './logged-error.ts'

/** The log of packages: fields first, then a short fixed message. No tokens, no personal data. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The logger of a process; pino's satisfies it. */
export interface Logger extends Log {
  debug(fields: object, message: string): void
  child(fields: Record<string, unknown>): Logger
}

/**
 * Creates a logger that writes one JSON line per call to standard output, with the worker's number where there are
 * several.
 */
export function createLogger(options: { app: string; level: string; worker?: number | undefined }): Logger {
  return pino({
    level: options.level,
    base: { app: options.app, ...(options.worker !== undefined && { worker: options.worker }), pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: loggedError, error: loggedError },
    redact: { paths: ['token', 'admission', 'ticket', 'email', 'authorization'], censor: '[redacted]' },
  })
}
