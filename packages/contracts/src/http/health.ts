import { z } from 'zod'

/** `/readyz`: 200 when everything is ready, else 503 with what is not. */
export const readiness = z.strictObject({
  ready: z.boolean(),
  checks: z.record(z.string(), z.strictObject({ ready: z.boolean(), detail: z.string().optional() })),
})
export type Readiness = z.infer<typeof readiness>
