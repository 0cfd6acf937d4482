/** What the bus says something to; pino's logger fits, and so does anything with these three. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
