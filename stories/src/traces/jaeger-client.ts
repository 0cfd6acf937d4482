import { z } from 'zod'

/** A span as Jaeger shows it. */
export interface SeenSpan {
  readonly name: string
  readonly service: string
  readonly id: string
  /** Undefined for the first span of a trace. */
  readonly parentId: string | undefined
  readonly startUs: number
  readonly tags: Readonly<Record<string, unknown>>
  readonly warnings: readonly string[]
}

export interface SeenTrace {
  readonly id: string
  /** By their starts. */
  readonly spans: readonly SeenSpan[]
}

const reference = z.object({ refType: z.string(), traceID: z.string(), spanID: z.string() })
const tag = z.object({ key: z.string(), value: z.unknown() })
const answer = z.object({
  data: z.array(
    z.object({
      traceID: z.string(),
      spans: z.array(
        z.object({
          spanID: z.string(),
          operationName: z.string(),
          references: z.array(reference),
          startTime: z.number(),
          tags: z.array(tag),
          processID: z.string(),
          warnings: z.array(z.string()).nullable(),
        }),
      ),
      processes: z.record(z.string(), z.object({ serviceName: z.string() })),
    }),
  ),
})

/** Asks Jaeger for the traces in which a service has a span with this order. */
export async function tracesOfOrder(jaegerUrl: string, service: string, order: string): Promise<readonly SeenTrace[]> {
  const query = new URLSearchParams({ service, tags: JSON.stringify({ 'floodgate.order': order }), limit: '20' })
  const response = await fetch(`${jaegerUrl}/api/traces?${query}`)
  return answer.parse(await response.json()).data.map(({ traceID, spans, processes }) => ({
    id: traceID,
    spans: spans
      .map((span) => ({
        name: span.operationName,
        service: processes[span.processID]?.serviceName ?? '',
        id: span.spanID,
        parentId: span.references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
        startUs: span.startTime,
        tags: Object.fromEntries(span.tags.map(({ key, value }) => [key, value])),
        warnings: span.warnings ?? [],
      }))
      .toSorted((a, b) => a.startUs - b.startUs),
  }))
}

/** Returns the names of the spans from the first one to `name`, each the parent of the next. */
export function wayTo({ spans }: SeenTrace, name: string): readonly string[] {
  const way: string[] = []
  for (let span = spans.find((each) => each.name === name); span !== undefined; ) {
    const { parentId } = span
    way.unshift(span.name)
    span = spans.find(({ id }) => id === parentId)
  }
  return way
}
