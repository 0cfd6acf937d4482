import { z } from 'zod'
import { eventDefinitions } from './catalogue.ts'
import { topics } from './define-event.ts'

const messageName = (type: string) => type.replaceAll('.', '-')

const headersSchema = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time', 'ce_subject', 'ce_aggregateversion'],
  properties: {
    ce_specversion: { type: 'string', const: '1.0' },
    ce_id: { type: 'string', description: 'Unique per event, the same at every redelivery' },
    ce_type: { type: 'string' },
    ce_source: { type: 'string' },
    ce_time: { type: 'string', format: 'date-time' },
    ce_subject: { type: 'string', description: 'The aggregate, also the message key' },
    ce_aggregateversion: { type: 'string', description: 'Rises per aggregate; a lower version is stale' },
    traceparent: { type: 'string', description: 'W3C Trace Context' },
  },
}

/** Generates the AsyncAPI 3.0 document of every event from the definitions that also validate them. */
export function asyncApiDocument(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Floodgate events',
      version: '0.1.0',
      description: 'CloudEvents 1.0 in binary mode. Delivered at least once, in order per key.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(
      topics.map((topic) => {
        const types = eventDefinitions.filter((event) => event.topic === topic).map((event) => messageName(event.type))
        const messages = types.map((name) => [name, { $ref: `#/components/messages/${name}` }])
        return [topic, { address: topic, messages: Object.fromEntries(messages) }]
      }),
    ),
    components: {
      messages: Object.fromEntries(
        eventDefinitions.map((event) => [
          messageName(event.type),
          { name: event.type, summary: event.summary, headers: headersSchema, payload: z.toJSONSchema(event.data) },
        ]),
      ),
    },
  }
}
