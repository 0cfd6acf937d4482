import { handle } from './handler.ts'

interface FetchEvent {
  readonly request: Request
  respondWith(response: ReturnType<typeof handle>): void
}

const { addEventListener } = globalThis as unknown as {
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void
}
addEventListener('fetch', (event) => event.respondWith(handle(event.request)))
