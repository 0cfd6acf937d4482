import { randomBytes } from 'node:crypto'
import { arrivalPatterns } from '@floodgate/crowd'
import { type BenchResult, type BenchRun, defineBench } from '../bench.ts'
import { crowdFaults } from '../crowd/crowd-faults.ts'
import { timingTable } from '../crowd/measure-tables.ts'
import { faults } from '../report/faults.ts'
import { linePlot } from '../results/plot.ts'
import { withSystem } from '../system/system.ts'
import { UsageError } from '../usage-error.ts'
import { readAdminToken } from './admin-token.ts'
import { findTarget, type OperationsUrls } from './find-target.ts'
import { planRehearsal, type RehearsalPlan } from './plan.ts'
import { runRehearsal } from './run-rehearsal.ts'
import { isGeneratorLate } from './saturation.ts'
import { fairnessFaults, type RehearsalMeasures, rehearsalStory } from './story.ts'

const SECOND = 1_000
/** The target that starts a system for the rehearsal. */
const SELF = 'self'

interface Where {
  readonly target: string
  readonly orderCore: string | undefined
  readonly operations: OperationsUrls
  readonly adminToken: string
  readonly mayLoadOtherHosts: boolean
  readonly paymentSimulator?: string
}

/** Rehearses a sale: simulated buyers against the deployment that will serve it. */
export const rehearseBench = defineBench({
  name: 'rehearse',
  about: 'buyers in a new sale against the deployment that you name; reports the outcome',
  group: 'operate',
  needs: [],
  options: {
    target: { about: "the waiting room's URL, or self: a system started for the rehearsal", default: '', small: SELF },
    'order-core': { about: "the order core's URL; by default the waiting room names it", default: '' },
    'waiting-room-ops': { about: "the waiting room's operations port, for readiness and metrics", default: '' },
    'order-core-ops': { about: "the order core's operations port, for readiness and metrics", default: '' },
    'payment-worker-ops': { about: "the payment worker's operations port, for readiness and metrics", default: '' },
    'admin-token-file': { about: 'a file with the admin token; by default ADMIN_TOKEN', default: '' },
    'yes-load-this-host': { about: 'allows a load test of a target that is not this machine', default: false },
    buyers: { about: 'buyers', default: 1_000, small: 80 },
    stock: { about: 'units for sale', default: 200, small: 20 },
    rate: { about: 'admissions per second', default: 50, small: 40 },
    active: { about: 'buyers admitted at once', default: 1_000 },
    seconds: { about: 'seconds in which they arrive', default: 20, small: 2 },
    'max-seconds': { about: 'seconds until it is stopped', default: 900, small: 600 },
    arrival: { about: `arrival pattern: ${arrivalPatterns.join(', ')}`, default: 'even' },
    mix: {
      about: 'percentages of buy, leave, be-declined and wait; the rest waits',
      default: 'buy=50,leave=10,be-declined=5',
    },
    sockets: { about: 'percentage that waits by WebSocket', default: '20' },
    'payment-method': { about: 'payment method', default: 'sim_ok' },
    sale: { about: "the sale's name, beginning with rehearsal-; by default generated", default: '' },
    seed: { about: 'seed of the random mix', default: 1 },
  },
  startsSystem: ({ target }) => target === SELF,
  async run(run) {
    const { values } = run
    const plan = planRehearsal(values, { now: new Date(), random: randomBytes(3).toString('hex') })
    if (values.target === '')
      throw new UsageError('usage', `Name the waiting room: --target URL, or --target ${SELF} to start a system.`)
    if (values.target !== SELF) {
      const adminToken = await readAdminToken(values['admin-token-file'], process.env)
      const orderCore = values['order-core'] === '' ? undefined : values['order-core']
      const operations = {
        ...(values['waiting-room-ops'] !== '' && { waitingRoom: values['waiting-room-ops'] }),
        ...(values['order-core-ops'] !== '' && { orderCore: values['order-core-ops'] }),
        ...(values['payment-worker-ops'] !== '' && { paymentWorker: values['payment-worker-ops'] }),
      }
      const mayLoadOtherHosts = values['yes-load-this-host']
      return rehearse(run, { target: values.target, orderCore, operations, adminToken, mayLoadOtherHosts }, plan)
    }
    return withSystem(run, {}, (system) => {
      const { adminToken, urls } = system
      const { paymentSimulator } = urls
      const { operations } = urls
      const where = { target: urls.waitingRoom, orderCore: undefined, adminToken, mayLoadOtherHosts: false }
      return rehearse(run, { ...where, operations, paymentSimulator }, plan)
    })
  },
})

async function rehearse(
  run: Pick<BenchRun, 'progress' | 'signal' | 'small'>,
  where: Where,
  plan: RehearsalPlan,
): Promise<BenchResult> {
  const { progress, signal } = run
  const { paymentSimulator, adminToken } = where
  const target = await findTarget({ ...where, sale: plan.sale })
  progress(`rehearsing against ${target.waitingRoom} and ${target.orderCore}`)
  const measures = await runRehearsal({ target, adminToken, plan, paymentSimulator, progress, signal })
  return resultOf(measures, run.small)
}

function resultOf(measures: RehearsalMeasures, small: boolean): BenchResult {
  const { crowd, samples, calledOff, closed, sale } = measures
  const ended = faults([
    [calledOff !== undefined, `the run was aborted: ${calledOff}`],
    [isGeneratorLate(crowd.generator) && !small, 'the generator was the bottleneck'],
    [!closed, `the sale ${sale} is still open`],
  ])
  const buyersSaw = calledOff === undefined ? crowdFaults(crowd) : []
  const { waits, seconds: _, ...counted } = crowd
  return {
    title: `Rehearsal with ${measures.buyers} buyers, ${measures.stock} units and ${measures.rate} per second`,
    thresholds: [],
    faults: [...ended, ...buyersSaw, ...measures.faults, ...fairnessFaults(samples)],
    markdown: `${rehearsalStory(measures)
      .map((line) => `- ${line}`)
      .join('\n')}\n\n${timingTable(crowd.timings)}`,
    plot: linePlot('The line and the stock', {
      lines: [
        { label: 'waiting', points: pointsOf(samples, ({ counts }) => counts && counts.waiting + counts.away) },
        { label: 'sold', points: pointsOf(samples, ({ stock }) => stock?.sold) },
      ],
      xLabel: 'seconds',
      yLabel: 'buyers, units',
    }),
    details: { ...measures, crowd: { ...counted, admitted: waits.length } },
  }
}

const pointsOf = (
  samples: RehearsalMeasures['samples'],
  pick: (sample: RehearsalMeasures['samples'][number]) => number | undefined,
): (readonly [number, number])[] =>
  samples.flatMap((sample) => {
    const value = pick(sample)
    return value === undefined ? [] : [[sample.atMs / SECOND, value] as const]
  })
