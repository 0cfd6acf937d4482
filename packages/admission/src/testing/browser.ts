import { request as httpRequest } from 'node:http'

export interface Reply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly location: string | undefined
  readonly setCookies: readonly string[]
  readonly text: string
  json(): unknown
}

interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Sends exactly these headers and this target, as no `fetch` would. */
export async function send(
  url: string,
  target: string,
  { method = 'GET', headers = {}, body }: Sent = {},
): Promise<Reply> {
  const { hostname, port } = new URL(url)
  const done = Promise.withResolvers<Reply>()
  const request = httpRequest({ hostname, port, path: target, method, headers, agent: false }, async (response) => {
    try {
      const text = Buffer.concat(await response.toArray()).toString()
      done.resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        location: response.headers.location,
        setCookies: response.headers['set-cookie'] ?? [],
        text,
        json: () => JSON.parse(text),
      })
    } catch (error) {
      done.reject(error)
    }
  })
  request.on('error', done.reject)
  request.end(body)
  return await done.promise
}

const NAVIGATION = { 'sec-fetch-mode': 'navigate', accept: 'text/html,*/*;q=0.8' }

/**
 * A browser's tab: it keeps cookies, unless they are off, and follows redirects within the shop when told to. Adds
 * `headers` to every request.
 */
export function createTab(
  url: string,
  options: { readonly keepsCookies?: boolean; readonly headers?: Readonly<Record<string, string>> | undefined } = {},
) {
  const { keepsCookies = true, headers: own = {} } = options
  const jar = new Map<string, string>()

  async function open(target: string, { method, headers, body }: Sent = {}): Promise<Reply> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const all = { ...NAVIGATION, ...own, ...(cookie !== '' && { cookie }), ...headers }
    const reply = await send(url, target, { ...(method && { method }), headers: all, ...(body && { body }) })
    if (keepsCookies) for (const line of reply.setCookies) keep(line)
    return reply
  }

  function keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (/Max-Age=0/.test(line)) jar.delete(name)
    else jar.set(name, value)
  }

  return {
    jar,
    open,
    /** Calls from a script of the page. */
    call: (target: string, sent: Sent = {}) =>
      open(target, { ...sent, headers: { 'sec-fetch-mode': 'cors', accept: '*/*', ...sent.headers } }),
    /** Follows redirects within the shop, up to `hopsMax`; returns the first reply that leads elsewhere. */
    async follow(target: string, hopsMax = 5): Promise<Reply> {
      let reply = await open(target)
      for (let hop = 0; hop < hopsMax; hop += 1) {
        const next = new URL(reply.location ?? 'about:blank', `${url}${target}`)
        if (next.origin !== url) return reply
        reply = await open(`${next.pathname}${next.search}`)
      }
      throw new Error(`More than ${hopsMax} redirects.`)
    },
  }
}
