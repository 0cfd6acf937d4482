/** Why a socket ended: it never opened, or it did and the server may have set a reconnect pause. */
export type SocketEnd =
  | { readonly kind: 'never-opened' }
  | { readonly kind: 'closed'; readonly reconnectAfterMs: number | undefined }

const protocol = 'floodgate.v1'

const hintOf = (reason: string): number | undefined => {
  try {
    const { reconnectAfterMs } = JSON.parse(reason) as { reconnectAfterMs?: unknown }
    return typeof reconnectAfterMs === 'number' ? reconnectAfterMs : undefined
  } catch {
    return undefined // Most closes give no reason.
  }
}

const webSocketUrl = (url: string): string => {
  const address = new URL(url, location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  return address.href
}

/**
 * Listens to a socket until it ends or `signal` aborts. The token travels as second subprotocol, never in the URL;
 * without one the cookies identify the buyer.
 */
export function listenTo(options: {
  url: string
  token: string | undefined
  signal: AbortSignal
  onOpen(): void
  onMessage(message: unknown): void
}): Promise<SocketEnd> {
  return new Promise((resolve) => {
    let opened = false
    const socket = new WebSocket(
      webSocketUrl(options.url),
      options.token === undefined ? [protocol] : [protocol, options.token],
    )
    const stop = () => socket.close(1000)
    options.signal.addEventListener('abort', stop)
    socket.onopen = () => {
      opened = true
      options.onOpen()
    }
    socket.onmessage = (event) => options.onMessage(JSON.parse(String(event.data)))
    socket.onclose = (event) => {
      options.signal.removeEventListener('abort', stop)
      resolve(opened ? { kind: 'closed', reconnectAfterMs: hintOf(event.reason) } : { kind: 'never-opened' })
    }
  })
}
