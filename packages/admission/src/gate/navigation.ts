import type { GateRequest } from './request.ts'

/** Tells whether a browser is going to show the response as a page. Browsers send `Sec-Fetch-Mode` over https. */
export function isNavigation({ method, header }: GateRequest): boolean {
  const mode = header('sec-fetch-mode')
  if (mode !== undefined) return mode === 'navigate'
  return (method === 'GET' || method === 'POST') && (header('accept') ?? '').includes('text/html')
}
