interface RequestFields {
  readonly method: string | undefined
  /** `Sec-Fetch-Mode` of the request. */
  readonly mode: string | undefined
  /** `Accept` of the request. */
  readonly accept: string | undefined
}

/**
 * Tells whether a person opens this URL in a browser. Browsers send no `Sec-Fetch-Mode` over plain http: then `Accept`
 * decides.
 */
export function isNavigation({ method, mode, accept = '' }: RequestFields): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return mode === undefined ? accept.includes('text/html') : mode === 'navigate'
}
