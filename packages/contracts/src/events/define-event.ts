import type { z } from 'zod'

export const topics = [
  'floodgate.sales',
  'floodgate.orders',
  'floodgate.payments',
  'floodgate.admissions',
  'floodgate.stock',
] as const
export type Topic = (typeof topics)[number]

export interface EventDefinition<Type extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly type: Type
  readonly topic: Topic
  /** What the event is about, in one sentence; shown in the AsyncAPI document. */
  readonly summary: string
  readonly data: Schema
  /** The aggregate's id: the partition key and the CloudEvents `subject`. */
  key(data: z.infer<Schema>): string
}

/**
 * Declares an event once: its types, validation and AsyncAPI entry derive from the declaration. A change that is not
 * additive becomes a `.v2` beside it.
 */
export function defineEvent<const Type extends string, Schema extends z.ZodType>(
  definition: EventDefinition<Type, Schema>,
): EventDefinition<Type, Schema> {
  return definition
}
