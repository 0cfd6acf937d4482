import type { PurchaseTrace, TraceStep } from '@floodgate/contracts'
import type { PrismaClient } from '@floodgate/database'

interface Charge {
  readonly attempt: number
  readonly status: string
  readonly reason: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

type Refund = Omit<Charge, 'attempt'>

const app = 'payment-worker' as const

const step = (at: Date, name: string, detail?: string | null): TraceStep => ({
  at: at.toISOString(),
  app,
  step: name,
  ...(detail ? { detail } : {}),
})

const chargeSteps = (charge: Charge): TraceStep[] => {
  const detail = `attempt ${charge.attempt}${charge.reason === null ? '' : `: ${charge.reason}`}`
  return [step(charge.createdAt, 'charge recorded'), step(charge.updatedAt, `charge ${charge.status}`, detail)]
}

/** An authorization is part of the charge: only its end is a step. */
const captureSteps = ({ status, reason, updatedAt }: Refund): TraceStep[] =>
  status === 'authorized' ? [] : [step(updatedAt, `capture ${status}`, reason)]

const refundSteps = (refund: Refund): TraceStep[] => {
  const requested = step(refund.createdAt, 'refund recorded')
  return refund.status === 'requested' ? [requested] : [requested, step(refund.updatedAt, refund.status, refund.reason)]
}

/** Reads the worker's records of one order's payment; undefined for an unknown order. */
export async function readTrace(prisma: PrismaClient, order: string): Promise<PurchaseTrace | undefined> {
  const charge = await prisma.charge.findUnique({ where: { orderId: order } })
  if (charge === null) return undefined
  const where = { orderId: order }
  const [capture, whole, parts] = await Promise.all([
    prisma.capture.findUnique({ where }),
    prisma.refund.findMany({ where }),
    prisma.partRefund.findMany({ where }),
  ])
  const later = [...(capture === null ? [] : captureSteps(capture)), ...[...whole, ...parts].flatMap(refundSteps)]
  return { order, sale: charge.sale, steps: [...chargeSteps(charge), ...later] }
}
