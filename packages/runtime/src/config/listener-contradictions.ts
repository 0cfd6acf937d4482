export interface ListenerSettings {
  readonly port: number
  readonly opsPort: number
  readonly headersSeconds: number
  readonly requestSeconds: number
}

/** Returns what can never work about the settings of an app's two ports. Pure. */
export function listenerContradictions(settings: ListenerSettings): readonly string[] {
  const { port, opsPort, headersSeconds, requestSeconds } = settings
  return [
    ...(port === opsPort && port !== 0 ? [`PORT and OPS_PORT are both ${port}.`] : []),
    ...(headersSeconds > requestSeconds
      ? ['HEADERS_SECONDS is above REQUEST_SECONDS: a request ends after its header section.']
      : []),
  ]
}
