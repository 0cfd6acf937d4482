export interface SmtpConnection {
  readonly url: string
  readonly timeoutMs: number
}

const CONNECT_MS_MAX = 5_000

/**
 * Returns the options of every connection to the mail server. The server may be silent for `timeoutMs`, less while
 * connecting.
 */
export function smtpOptions({ url, timeoutMs }: SmtpConnection) {
  const connectMsMax = Math.min(timeoutMs, CONNECT_MS_MAX)
  return {
    url,
    dnsTimeout: connectMsMax,
    connectionTimeout: connectMsMax,
    greetingTimeout: connectMsMax,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
