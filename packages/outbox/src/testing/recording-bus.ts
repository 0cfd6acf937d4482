import type { EncodedEvent } from '@floodgate/contracts'

/** Creates a bus whose behaviour a test controls: it records what it accepted, and can be unavailable or hang. */
export function createRecordingBus() {
  const taken: EncodedEvent[] = []
  const state = { mode: 'ok' as 'ok' | 'away' | 'hang', calls: 0, aborted: 0 }
  return {
    taken,
    state,
    keys: () => taken.map((event) => event.key),
    ids: () => taken.map((event) => event.headers.ce_id),
    async publish(events: readonly EncodedEvent[], signal?: AbortSignal): Promise<void> {
      state.calls += 1
      if (state.mode === 'away') throw new Error('the bus is unavailable')
      if (state.mode === 'hang')
        await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))).catch(
          (error: unknown) => {
            state.aborted += 1
            throw error
          },
        )
      taken.push(...events)
    },
  }
}

/** Creates a log that keeps its lines. */
export function createRecordingLog() {
  const lines: { level: string; message: string; fields: object }[] = []
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields })
  const log = {
    lines,
    said: (text: string) => lines.filter((line) => line.message.includes(text)),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  }
  return log
}
