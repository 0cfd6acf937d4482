import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeData, type System, type SystemOptions, startSystem, withoutClientLimits } from '@floodgate/dev/system'
import { formatTrace, readTrace } from '@floodgate/dev/trace'
import { temporaryDirectory } from '@floodgate/testkit'
import { afterAll, afterEach, beforeAll, beforeEach, onTestFailed } from 'vitest'
import { measureAnswers } from './answer-times.ts'
import { type Buyer, createBuyer } from './buyer.ts'
import { createClient } from './http.ts'
import { createOperator } from './operator.ts'
import { createInbox, createProvider } from './outside.ts'
import { expectRightMoney } from './right-money.ts'
import { callWitness, type Witness } from './witness.ts'

/** Everything and everybody a story is about: the running system and those who meet it from outside. */
export type World = ReturnType<typeof worldOf>

const TRACES_MAX = 5
/** Nobody is admitted this long after Redis was lost: in a story as long as it takes to see it. */
const RECOVERY_SECONDS = '2'

/** Two processes of whatever buyers talk to, so that every story is told to both. */
const replicas = { 'waiting-room': 2, 'order-core': 2 } as const

/**
 * Starts a system for a story file and ends it afterwards. Returns what gives its world to the tests. The money is right at the
 * end of each. When a test fails, the ways of its first orders through all apps are printed, and the logs are kept.
 */
export function tellStories(options: Omit<SystemOptions, 'dataDir' | 'ports'> = {}): () => World {
  let world: World | undefined
  let failed = false
  beforeAll(async () => {
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
        'waiting-room': { RECOVERY_SECONDS, ...options.environment?.['waiting-room'] },
      }),
    })
    world = worldOf(system, await callWitness(system))
  })
  beforeEach(() => {
    world?.orders.splice(0)
    onTestFailed(async () => {
      failed = true
      if (world !== undefined) await printTraces(world)
    })
  })
  afterEach(async ({ task }) => {
    if (world !== undefined && task.result?.state !== 'fail') await expectRightMoney(world.system)
  })
  afterAll(async () => {
    if (world === undefined) return
    await world.witness.close()
    await world.system.stop()
    if (failed) return
    await removeData(world.system.dataDir)
    await rm(join(world.system.dataDir, '..'), { recursive: true, force: true })
  })
  return function currentWorld() {
    if (world === undefined) throw new Error('The system did not start.')
    return world
  }
}

function worldOf(system: System, witness: Witness) {
  const rooms = createClient(system.urlsOf('waiting-room'))
  const cores = createClient(system.urlsOf('order-core'))
  const orders: string[] = []
  const answers = measureAnswers()
  return {
    system,
    witness,
    rooms,
    cores,
    /** The orders of the story that is being told. */
    orders,
    /** How long buyers waited for each answer. */
    answers,
    operator: createOperator(rooms, cores, system.adminToken),
    provider: createProvider(system.urls.paymentSimulator),
    inbox: createInbox(system.urls.mail),
    buyer: (name: string, sale: string): Buyer =>
      createBuyer({
        name,
        sale,
        // Each with a turn of its own: one buyer's requests alternate between the processes.
        rooms: createClient(system.urlsOf('waiting-room'), answers.note),
        cores: createClient(system.urlsOf('order-core'), answers.note),
        roomUrl: system.urls.waitingRoom,
        notifierUrl: system.urls.notifier,
        onOrder: (order) => orders.push(order),
      }),
    /** Somebody who has been let in. */
    async admitted(name: string, sale: string): Promise<Buyer> {
      const buyer = this.buyer(name, sale)
      await buyer.join()
      await buyer.untilAdmitted()
      return buyer
    },
  }
}

async function printTraces(world: World): Promise<void> {
  const { dataDir } = world.system
  const ways = await Promise.all(
    world.orders.slice(0, TRACES_MAX).map(async (order) => formatTrace(order, await readTrace(dataDir, order))),
  )
  process.stderr.write(`${ways.join('\n\n')}\n\nThe logs of all apps: ${join(dataDir, 'logs')}\n`)
}
