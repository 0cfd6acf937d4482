import { type LoggerOptions, pino } from 'pino'
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

/** What waits for a reader that has stopped reading; more is dropped. Some ten thousand lines. */
const UNREAD_CHARACTERS_MAX = 8_000_000

/**
 * Creates a logger that writes one JSON line per call to standard output, with the worker's number where there are
 * several. A reader that stops reading costs no more than {@link UNREAD_CHARACTERS_MAX} and the lines after them, whose
 * number is logged once it reads on.
 */
export function createLogger(options: { app: string; level: string; worker?: number | undefined }): Logger {
  const destination = pino.destination({ dest: 1, sync: false, maxLength: UNREAD_CHARACTERS_MAX })
  let dropped = 0
  destination.on('drop', () => {
    dropped += 1
  })
  destination.on('drain', () => {
    if (dropped === 0) return
    const lines = dropped
    dropped = 0
    logger.warn({ lines }, 'log lines dropped: nobody read them')
  })
  const logger = pino(settingsOf(options), destination)
  return logger
}

function settingsOf(options: Parameters<typeof createLogger>[0]): LoggerOptions {
  return {
    level: options.level,
    base: { app: options.app, ...(options.worker !== undefined && { worker: options.worker }), pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: loggedError, error: loggedError },
    redact: { paths: ['token', 'admission', 'ticket', 'email', 'authorization'], censor: '[redacted]' },
  }
}
