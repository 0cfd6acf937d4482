interface RequestFields {
  readonly method: string | undefined
  /** `Sec-Fetch-Mode` of the request. */
  readonly mode: string | undefined
  /** `Accept` of the request. */
  readonly accept: string | undefined
}

/** Tells whether a person opens this in a browser. Over plain http no `Sec-Fetch-Mode` is sent: then `Accept` decides. */
export function isNavigation({ method, mode, accept = '' }: RequestFields): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return mode === undefined ? accept.includes('text/html') : mode === 'navigate'
}
