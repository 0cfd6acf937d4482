import { setTimeout as delay } from 'node:timers/promises'
import { saleList, stockAudit } from '@floodgate/contracts'
import { z } from 'zod'
import { UsageError } from '../usage-error.ts'
import { isThisMachine } from './this-machine.ts'

/** The operations ports by app. Readiness and metrics of an app without one are not read. */
export interface OperationsUrls {
  readonly waitingRoom?: string
  readonly orderCore?: string
  readonly paymentWorker?: string
}

export interface Target {
  readonly waitingRoom: string
  readonly orderCore: string
  readonly operations: OperationsUrls
}

const RESPONSE_MS_MAX = 10_000
/** Requested before the rehearsal's own sale is created: apps and caches remember a missing sale for a second. */
const NO_SALE = 'rehearsal-of-nothing'
/** The look-up of the rehearsal's own name is remembered as well, by each process on its own. */
const REMEMBERED_MS = 1_200
/** Apps may add fields to a check. */
const readiness = z.object({ ready: z.boolean(), checks: z.record(z.string(), z.object({ ready: z.boolean() })) })
/** The sale board and the catalogue both name their sale. */
const saleSnapshot = z.object({ sale: z.string() })
const floodgateProblem = z.object({ type: z.string().startsWith('urn:floodgate:problem:') })
const settingsInPage = /<script type="application\/json" id="settings">(.*?)<\/script>/s
const pageSettings = z.object({ orderCoreUrl: z.url() })

/**
 * Checks the target deployment: both services respond, both are Floodgate, and both accept the admin token.
 * Creates nothing, and resolves once no process remembers the new sale as missing. Sends the token only to a service that has already responded like Floodgate. Throws {@link
 * UsageError}.
 */
export async function findTarget(options: {
  readonly target: string
  /** Undefined: the waiting room names it. */
  readonly orderCore: string | undefined
  readonly operations: OperationsUrls
  readonly adminToken: string
  /** The name of the new sale, which must not exist yet. */
  readonly sale: string
  readonly mayLoadOtherHosts: boolean
}): Promise<Target> {
  const { adminToken, sale, mayLoadOtherHosts } = options
  const waitingRoom = await permittedUrl('--target', options.target, mayLoadOtherHosts)
  await expectFloodgate('waiting room', waitingRoom, `/sales/${NO_SALE}/board`)
  const roomOperations = await operationsUrl('--waiting-room-ops', options.operations.waitingRoom, mayLoadOtherHosts)
  await expectReady('waiting room', roomOperations)
  const named = options.orderCore ?? (await askForOrderCore(waitingRoom))
  const orderCore = await permittedUrl('--order-core', named, mayLoadOtherHosts)
  await expectFloodgate('order core', orderCore, `/sales/${NO_SALE}/catalogue`)
  const coreOperations = await operationsUrl('--order-core-ops', options.operations.orderCore, mayLoadOtherHosts)
  await expectReady('order core', coreOperations)
  const workerOperations = await operationsUrl(
    '--payment-worker-ops',
    options.operations.paymentWorker,
    mayLoadOtherHosts,
  )
  await expectReady('payment worker', workerOperations)
  await expectOpen('waiting room', `${waitingRoom}/admin/sales`, adminToken, isSaleList)
  await expectOpen('order core', `${orderCore}/admin/sales/${sale}/stock`, adminToken, isStockOfNoSale)
  const { status } = await ask(`${waitingRoom}/admin/sales/${sale}`, adminToken)
  if (status !== 404)
    throw new UsageError('cannot-create', `The sale "${sale}" exists at ${waitingRoom} already; nothing was changed.`)
  await delay(REMEMBERED_MS)
  const operations = {
    ...(roomOperations !== undefined && { waitingRoom: roomOperations }),
    ...(coreOperations !== undefined && { orderCore: coreOperations }),
    ...(workerOperations !== undefined && { paymentWorker: workerOperations }),
  }
  return { waitingRoom, orderCore, operations }
}

async function operationsUrl(flag: string, text: string | undefined, mayLoadOtherHosts: boolean) {
  return text === undefined ? undefined : await permittedUrl(flag, text, mayLoadOtherHosts)
}

async function permittedUrl(flag: string, text: string, mayLoadOtherHosts: boolean): Promise<string> {
  const url = URL.parse(text)
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.search !== '')
    throw new UsageError('usage', `${flag} is the http or https URL of a service, without a user; not "${text}".`)
  if (mayLoadOtherHosts) return trimmed(url)
  const here = await isThisMachine(url.hostname).catch(() => {
    throw new UsageError('unavailable', `"${url.hostname}" (${flag}) has no address.`)
  })
  if (here) return trimmed(url)
  throw new UsageError(
    'usage',
    `${url.hostname} (${flag}) is not this machine. A rehearsal is a load test: it sends a crowd at full speed.\n` +
      'If that deployment is yours and may be loaded now, confirm with --yes-load-this-host.',
  )
}

const trimmed = (url: URL): string => `${url.origin}${url.pathname.replace(/\/+$/, '')}`

async function askForOrderCore(waitingRoom: string): Promise<string> {
  const { text } = await ask(`${waitingRoom}/console`)
  const settings = pageSettings.safeParse(parseOrNothing(settingsInPage.exec(text)?.[1] ?? ''))
  if (settings.success) return settings.data.orderCoreUrl
  throw new UsageError('protocol', `${waitingRoom} does not name its order core; set --order-core.`)
}

/** Expects either Floodgate's own problem for a missing sale, or that sale. */
async function expectFloodgate(name: string, url: string, path: string): Promise<void> {
  const { status, text } = await ask(`${url}${path}`)
  const isSale = status === 200 && saleSnapshot.safeParse(parseOrNothing(text)).success
  if (!isSale && !floodgateProblem.safeParse(parseOrNothing(text)).success) throw notFloodgate(name, url)
}

/** Rejects a service whose operations port reports it not ready. */
async function expectReady(name: string, url: string | undefined): Promise<void> {
  if (url === undefined) return
  const ready = readiness.safeParse(parseOrNothing((await ask(`${url}/readyz`)).text))
  if (!ready.success || ready.data.ready) return
  const missing = Object.entries(ready.data.checks).flatMap(([check, state]) => (state.ready ? [] : [check]))
  throw new UsageError('unavailable', `The ${name} at ${url} is not ready: ${missing.join(', ')}.`)
}

async function expectOpen(
  name: string,
  url: string,
  adminToken: string,
  isRight: (response: Asked) => boolean,
): Promise<void> {
  const response = await ask(url, adminToken)
  if (response.status === 401 || response.status === 403)
    throw new UsageError('no-permission', `The ${name} at ${new URL(url).origin} rejects this admin token.`)
  if (!isRight(response)) throw notFloodgate(name, new URL(url).origin)
}

const isSaleList = ({ text }: Asked): boolean => saleList.safeParse(parseOrNothing(text)).success

/** Tells whether this is the response for a sale that does not exist: a 404, or an audit without stock. */
const isStockOfNoSale = ({ status, text }: Asked): boolean =>
  status === 404 || stockAudit.safeParse(parseOrNothing(text)).success

const notFloodgate = (name: string, url: string): UsageError =>
  new UsageError('protocol', `The server at ${url} is not Floodgate's ${name}.`)

interface Asked {
  readonly status: number
  readonly text: string
}

/** Follows no redirect, which would send load, or the token, to a host the operator did not name. */
async function ask(url: string, adminToken?: string): Promise<Asked> {
  try {
    const response = await fetch(url, {
      headers: adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(RESPONSE_MS_MAX),
    })
    return { status: response.status, text: await response.text() }
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const why = cause instanceof Error ? cause.message || cause.name : String(cause)
    throw new UsageError('unavailable', `${new URL(url).origin} cannot be reached: ${why}`)
  }
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
