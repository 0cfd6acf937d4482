import { z } from 'zod'

/**
 * `/readyz`: 200 when the app can serve, else 503. `degraded` names the failed checks that do not gate: the app serves,
 * but needs attention.
 */
export const readiness = z.strictObject({
  ready: z.boolean(),
  degraded: z.array(z.string()),
  checks: z.record(z.string(), z.strictObject({ ready: z.boolean(), detail: z.string().optional() })),
})
export type Readiness = z.infer<typeof readiness>
