import { type Operator, UnexpectedResponse } from '@floodgate/client'
import { type Crowd, createMeasures, type Measures, runCrowd } from '@floodgate/crowd'
import { type Audited, auditSale } from '../audit/audit-sale.ts'
import { endFaults } from '../crowd/crowd-faults.ts'
import { createBenchOperator, oneItem } from '../system/operator.ts'
import { isTripped } from './circuit-breaker.ts'
import type { Target } from './find-target.ts'
import type { RehearsalPlan } from './plan.ts'
import type { Sample } from './sample.ts'
import type { CalledOff, RehearsalMeasures } from './story.ts'
import { watchTarget } from './watch-target.ts'

const SECOND = 1_000
const PROGRESS_MS = 3 * SECOND
/** Samples after an interruption: the run is incomplete anyway, so it does not wait for the end. */
const STILL_CALLED_OFF_MS = 5 * SECOND
const ADMISSION_SECONDS = 600

interface RehearsalOptions {
  readonly target: Target
  readonly adminToken: string
  readonly plan: RehearsalPlan
  /** Set for a system that the rehearsal started, whose payments are also audited. */
  readonly paymentSimulator: string | undefined
  progress(line: string): void
  readonly signal: AbortSignal
}

/** Creates the sale, sends the buyers through it, samples the deployment, audits, and always closes the sale. */
export async function runRehearsal(options: RehearsalOptions): Promise<RehearsalMeasures> {
  const { target, adminToken, plan, progress } = options
  const operator = createBenchOperator({ urls: target, adminToken })
  const sale = { name: 'Rehearsal', admitPerSecond: plan.rate, maxActive: plan.maxActive }
  let done: Omit<RehearsalMeasures, 'closed'>
  try {
    await operator.openSale(plan.sale, {
      ...sale,
      admissionTtlSeconds: ADMISSION_SECONDS,
      items: [oneItem(plan.stock)],
    })
    progress(`sale ${plan.sale} is open; ${plan.buyers} buyers arrive`)
    done = await runOpenSale(options, operator)
  } catch (error) {
    if (!(await closeSale(operator, plan.sale)))
      progress(`the sale ${plan.sale} could not be closed: close it yourself`)
    throw error
  }
  const closed = await closeSale(operator, plan.sale)
  progress(closed ? `sale ${plan.sale} is closed` : `the sale ${plan.sale} could not be closed: close it yourself`)
  return { ...done, closed }
}

async function runOpenSale(options: RehearsalOptions, operator: Operator): Promise<Omit<RehearsalMeasures, 'closed'>> {
  const { target, plan, paymentSimulator, progress, signal } = options
  const measures = createMeasures()
  const over = new AbortController()
  let calledOff: CalledOff | undefined
  const callOff = (reason: CalledOff): void => {
    calledOff ??= reason
    over.abort(new Error(`Aborted: ${reason}`))
  }
  const interrupt = (): void => callOff('interrupted')
  signal.addEventListener('abort', interrupt, { once: true })
  if (signal.aborted) interrupt()
  const timeUp = setTimeout(() => callOff('too-long'), plan.maxSeconds * SECOND)
  const tell = createTeller(progress, measures.read)
  const watch = watchTarget({
    ...{ target, operator, sale: plan.sale },
    onSample(sample) {
      tell(sample)
      if (isTripped(measures.read().seconds)) callOff('storm')
    },
  })
  const crowd = await runCrowd({
    sale: plan.sale,
    size: plan.buyers,
    waitingRooms: [target.waitingRoom],
    orderCores: [target.orderCore],
    mix: plan.mix,
    arrival: plan.arrival,
    socketPercent: plan.socketPercent,
    seed: plan.seed,
    paymentMethods: { buy: plan.paymentMethod, beDeclined: 'sim_declined' },
    observer: measures.observer,
    signal: over.signal,
  }).finally(() => {
    clearTimeout(timeUp)
    signal.removeEventListener('abort', interrupt)
  })
  progress('the crowd is gone; auditing the sale')
  const measured = measures.read()
  measures.close()
  const faults = await audit({ operator, paymentSimulator }, { plan, crowd, calledOff })
  await watch.stop()
  return {
    ...{ sale: plan.sale, buyers: plan.buyers, stock: plan.stock, rate: plan.rate, maxActive: plan.maxActive },
    maxSeconds: plan.maxSeconds,
    samples: watch.samples,
    crowd: measured,
    faults,
    ...(calledOff === undefined ? {} : { calledOff }),
  }
}

async function audit(
  { operator, paymentSimulator }: { readonly operator: Operator; readonly paymentSimulator: string | undefined },
  done: { readonly plan: RehearsalPlan; readonly crowd: Crowd; readonly calledOff: CalledOff | undefined },
): Promise<string[]> {
  const { plan, crowd, calledOff } = done
  const audited: Audited = {
    operator,
    ...(paymentSimulator === undefined ? {} : { urls: { paymentSimulator } }),
  }
  const confirmed = crowd.buyers.flatMap(({ outcome, order }) => (outcome === 'confirmed' && order ? [order] : []))
  if (calledOff !== undefined)
    return auditSale(audited, { sale: plan.sale, confirmed, stillMsMax: STILL_CALLED_OFF_MS }).catch(
      (error: unknown) => [`the sale could not be audited: ${error instanceof Error ? error.message : String(error)}`],
    )
  const wanted = crowd.buyers.filter(({ intent }) => intent === 'buy').length
  const expectation = { sale: plan.sale, sold: Math.min(plan.stock, wanted), confirmed }
  return [...endFaults(crowd, plan.buyers), ...(await auditSale(audited, expectation))]
}

/** Tells whether the sale is closed. A sale that was never created counts as closed. */
async function closeSale(operator: Operator, sale: string): Promise<boolean> {
  for (let attempts = 0; attempts < 3; attempts += 1) {
    try {
      await operator.act(sale, 'close')
      return true
    } catch (error) {
      if (error instanceof UnexpectedResponse && error.received.status === 404) return true
    }
  }
  return false
}

function createTeller(progress: (line: string) => void, read: () => Measures): (sample: Sample) => void {
  let spokenAt = 0
  return function tell({ atMs, counts, stock }) {
    if (atMs - spokenAt < PROGRESS_MS) return
    spokenAt = atMs
    const { joined, waits } = read()
    const line = counts === undefined ? 'the line cannot be read' : `${counts.waiting + counts.away} wait`
    const sold = stock === undefined ? '' : `, ${stock.sold} of ${stock.total} sold`
    progress(`${joined} joined, ${line}, ${waits.length} admitted${sold}`)
  }
}
