import { eventually } from '@floodgate/testkit'
import { WebSocket } from 'ws'
import type { z } from 'zod'

export interface LiveSocket<Message> {
  /** All messages so far, oldest first. */
  readonly heard: readonly Message[]
  /** Resolves to the first matching message, whether already received or not. */
  until(fits: (message: Message) => boolean): Promise<Message>
  close(): void
}

/** Opens a socket as the pages do: the token, if any, as second subprotocol. Each message is parsed with the strict schema. */
export async function openSocket<Schema extends z.ZodType>(
  url: string,
  { token, schema }: { readonly token?: string; readonly schema: Schema },
): Promise<LiveSocket<z.infer<Schema>>> {
  const socket = new WebSocket(
    url.replace(/^http/, 'ws'),
    token === undefined ? ['floodgate.v1'] : ['floodgate.v1', token],
  )
  const heard: z.infer<Schema>[] = []
  let broken: Error | undefined
  socket.on('message', (data) => {
    const parsed = schema.safeParse(JSON.parse(String(data)))
    if (parsed.success) heard.push(parsed.data)
    else broken = new Error(`${url} sent a message that breaks its contract: ${String(data)}: ${parsed.error.message}`)
  })
  const opened = Promise.withResolvers<void>()
  socket.once('open', () => opened.resolve())
  socket.once('error', (error) => opened.reject(error))
  await opened.promise
  return {
    heard,
    until: (fits) =>
      eventually(() => {
        if (broken !== undefined) throw broken
        const message = heard.find(fits)
        if (message === undefined) throw new Error(`${url} has only sent ${JSON.stringify(heard)}`)
        return message
      }),
    close: () => socket.terminate(),
  }
}

/** Returns the status and the body of a rejected upgrade. */
export function rejectedUpgrade(
  url: string,
  options: { readonly protocols: readonly string[]; readonly headers?: Readonly<Record<string, string>> },
): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), [...options.protocols], { headers: options.headers ?? {} })
  const outcome = Promise.withResolvers<{ status: number; headers: Headers; text: string }>()
  socket.once('open', () => {
    socket.terminate()
    outcome.reject(new Error(`${url} was opened.`))
  })
  socket.once('error', (error) => outcome.reject(error))
  socket.once('unexpected-response', (_, response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.once('end', () => {
      const headers = new Headers()
      for (const [name, value] of Object.entries(response.headers))
        if (typeof value === 'string') headers.set(name, value)
      outcome.resolve({ status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8') })
    })
  })
  return outcome.promise
}
