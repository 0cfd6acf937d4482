import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createOperator } from '@floodgate/client'
import { removeData, type System, type SystemOptions, startSystem, withoutClientLimits } from '@floodgate/dev/system'
import { formatTrace, readTrace } from '@floodgate/dev/trace'
import { temporaryDirectory } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, onTestFailed } from 'vitest'
import { type Buyer, createBuyer } from './buyer.ts'
import { SALE_OF_COATS } from './coats.ts'
import { type EventRecorder, startEventRecorder } from './event-recorder.ts'
import { createInbox, createProvider } from './externals.ts'
import { patiently, sendTo } from './http.ts'
import { measureResponses } from './response-times.ts'
import { expectRightMoney } from './right-money.ts'

/** The running system of a story, its clients and the externals around it. */
export type TestSystem = ReturnType<typeof testSystemOf>

const TRACES_MAX = 5
/** Time without admissions after a loss of Redis: just long enough to be observed in a story. */
const RECOVERY_SECONDS = '2'
/** Stories that stop a server or the payment worker measure something else than the slower line. */
const DELAYED_ADMISSION_PERCENT = '100'

/** The shortest that its default silence allows: `untilReady` waits until a delay of payments is over. */
const PAYMENT_CALM_SECONDS = '10'

/** Two processes of each app that buyers use, so that every story runs with both. */
const replicas = { 'waiting-room': 2, 'order-core': 2 } as const

export type StoryOptions = Omit<SystemOptions, 'dataDir' | 'ports'>

/**
 * Starts a system for a story file and ends it afterwards. Returns a function that gives it to the tests. Checks the
 * money at the end of each test. When a test fails, prints the traces of its first orders through all apps, and keeps
 * the logs. A story that gives servers of its own starts them in the function `given`; its `afterAll` that ends them
 * comes before this call, and so runs after the system has stopped.
 */
export function withSystem(given: StoryOptions | (() => Promise<StoryOptions>) = {}): () => TestSystem {
  let testSystem: TestSystem | undefined
  let failed = false
  beforeAll(async () => {
    const options = typeof given === 'function' ? await given() : given
    const directory = await temporaryDirectory()
    const system = await startSystem({
      dataDir: join(directory.path, 'data'),
      ports: 'free',
      durable: false,
      endWithParent: true,
      replicas,
      ...options,
      // All buyers of a story come from this machine.
      environment: withoutClientLimits({
        ...options.environment,
        'waiting-room': { RECOVERY_SECONDS, DELAYED_ADMISSION_PERCENT, ...options.environment?.['waiting-room'] },
        'order-core': { PAYMENT_CALM_SECONDS, ...options.environment?.['order-core'] },
      }),
    })
    testSystem = testSystemOf(system, await startEventRecorder(system))
  })
  beforeEach(() => {
    testSystem?.orders.splice(0)
    onTestFailed(async () => {
      failed = true
      if (testSystem !== undefined) await printTraces(testSystem)
    })
  })
  afterEach(async ({ task }) => {
    if (testSystem !== undefined && task.result?.state !== 'fail') await expectRightMoney(testSystem.system)
  })
  afterAll(async () => {
    if (testSystem === undefined) return
    await testSystem.recorder.close()
    await testSystem.system.stop()
    if (failed) return
    await removeData(testSystem.system.dataDir)
    await rm(join(testSystem.system.dataDir, '..'), { recursive: true, force: true })
  })
  return function currentSystem() {
    if (testSystem === undefined) throw new Error('The system did not start.')
    return testSystem
  }
}

function testSystemOf(system: System, recorder: EventRecorder) {
  const rooms = sendTo(system.urlsOf('waiting-room'))
  const cores = sendTo(system.urlsOf('order-core'))
  const orders: string[] = []
  const responses = measureResponses()
  return {
    system,
    recorder,
    /** Makes one attempt at a request to the next of its processes, and returns any response. */
    rooms,
    cores,
    /** The orders of the current story. */
    orders,
    /** How long buyers waited for each response. */
    responses,
    operator: createOperator({
      ...{ waitingRoom: patiently(rooms), orderCore: patiently(cores) },
      ...{ adminToken: system.adminToken, newSale: SALE_OF_COATS },
    }),
    provider: createProvider(system.urls.paymentSimulator),
    inbox: createInbox(system.urls.mail),
    buyer: (name: string, sale: string): Buyer =>
      createBuyer({
        name,
        sale,
        // Each with a separate round-robin: one buyer's requests alternate between the processes.
        rooms: sendTo(system.urlsOf('waiting-room'), responses.note),
        cores: sendTo(system.urlsOf('order-core'), responses.note),
        roomUrl: system.urls.waitingRoom,
        notifierUrl: system.urls.notifier,
        onOrder: (order) => orders.push(order),
      }),
    /** Returns an admitted buyer. */
    async admitted(name: string, sale: string): Promise<Buyer> {
      const buyer = this.buyer(name, sale)
      await buyer.join()
      await buyer.untilAdmitted()
      return buyer
    },
  }
}

async function printTraces(testSystem: TestSystem): Promise<void> {
  const { dataDir } = testSystem.system
  const ways = await Promise.all(
    testSystem.orders.slice(0, TRACES_MAX).map(async (order) => formatTrace(order, await readTrace(dataDir, order))),
  )
  process.stderr.write(`${ways.join('\n\n')}\n\nThe logs of all apps: ${join(dataDir, 'logs')}\n`)
}
