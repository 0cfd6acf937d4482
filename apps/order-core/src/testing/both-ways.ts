import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'

/** What two answers to the same question have to have in common: everything but the time. */
export interface Comparable {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** One GET by Node's own client, on a connection of its own: it sends exactly the headers it is given. */
const get = async (url: string, headers: Readonly<Record<string, string>>): Promise<Comparable> => {
  const sent = request(url, { headers: { ...headers }, agent: false }).end()
  const [response] = await once(sent, 'response')
  const { date: _, ...others } = response.headers
  return { status: response.statusCode, headers: others, body: await text(response) }
}

/** The same GET past Hono and by Hono: a query is out of the ordinary, so Hono answers. */
export const getBothWays = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ hot: Comparable; hono: Comparable }> => ({
  hot: await get(url, headers),
  hono: await get(`${url}?hono`, headers),
})
