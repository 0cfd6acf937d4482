import { createEventBus, type EventBusOptions } from './create-event-bus.ts'
import type { StoredLetter } from './letters/port.ts'

export { createRecordingBus, type Delivered, type RecordingBus } from './recording-bus.ts'

const LISTED_MAX = 10_000
const CONNECT_MS = 60_000

/** Reads the dead letters of a group so far, oldest first. For tests: opens its own bus at each call. */
export async function readDeadLetters(options: EventBusOptions, group: string): Promise<readonly StoredLetter[]> {
  const bus = createEventBus(options)
  try {
    for (const untilMs = performance.now() + CONNECT_MS; !bus.health().ready && performance.now() < untilMs; )
      await new Promise((resolve) => setTimeout(resolve, 10))
    return (await bus.deadLetters(group).list({ order: 'oldest', limit: LISTED_MAX })).letters
  } finally {
    await bus.close()
  }
}
