import { asPrimaryMessage, type WorkerMessage } from './messages.ts'
import type { PrimaryChannel } from './peer-health.ts'

/** Sends a message; resolves when it is sent, or when the primary is gone, which ends this process anyhow. */
export function notifyPrimary(message: WorkerMessage): Promise<void> {
  const told = Promise.withResolvers<void>()
  if (!process.connected) return Promise.resolve()
  process.send?.(message, undefined, undefined, () => told.resolve())
  return told.promise
}

export function onStopFromPrimary(stop: (reason: string) => void): void {
  process.on('message', (received) => {
    const message = asPrimaryMessage(received)
    if (message?.floodgate === 'stop') stop(message.reason)
  })
}

export const primaryChannel: PrimaryChannel = {
  send: (message) => void notifyPrimary(message),
  onMessage: (listener) => void process.on('message', listener),
}
