import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { type CancelReason, caughtMessages, type FloodgateEvent } from '@floodgate/contracts'
import { startMailCatcher } from '@floodgate/simulators'
import { startAppStores } from '@floodgate/testkit'
import { ADMIN_TOKEN, startApp, startIssuer } from '@floodgate/testkit/fixtures'
import { CompactEncrypt } from 'jose'
import { createApp } from '../app.ts'
import { definition } from '../config.ts'

const emailKey = randomBytes(32)
/** The key's name in the settings; see key-ring.ts. */
const emailKid = createHash('sha256').update('floodgate key id').update(emailKey).digest('base64url').slice(0, 16)

/** Seals as the order core did before keys had names. */
const seal = (email: string, key: Uint8Array = emailKey): Promise<string> =>
  new CompactEncrypt(new TextEncoder().encode(email)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(key)

interface FixtureServers {
  readonly database?: { readonly url: string; drop(): Promise<void> }
  readonly mail?: { readonly url: string; readonly smtpUrl: string; stop(): Promise<void> }
}

/** Starts everything a notifier needs, on real servers. */
export async function startFixture(given: FixtureServers = {}) {
  const [stores, mail, issuer] = await Promise.all([
    startAppStores(given.database),
    given.mail ?? startMailCatcher(),
    startIssuer(),
  ])
  const { pool, redis, databaseUrl, publish } = stores
  const settings: Record<string, string> = {
    ...stores.settings,
    SMTP_URL: mail.smtpUrl,
    WAITING_ROOM_URL: 'https://queue.example',
    EMAIL_KEY: emailKey.toString('base64url'),
    JWKS_URL: issuer.jwksUrl,
  }
  const startNotifier = (changes: Record<string, string> = {}) =>
    startApp(definition, createApp, { ...settings, ...changes })
  function admit(buyer: string, expiresInSeconds = 60): Promise<string> {
    const now = Math.floor(Date.now() / 1_000)
    return issuer.sign({ sub: buyer, iat: now - 200_000, exp: now + expiresInSeconds })
  }
  const messages = async () => caughtMessages.parse(await (await fetch(`${mail.url}/messages`)).json()).messages
  const controlMail = async (behaviour: {
    mode: string
    delayMs?: number
    at?: string
    code?: number
    domain?: string
  }) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${mail.url}/control`, { method: 'POST', headers, body: JSON.stringify(behaviour) })
    if (!response.ok) throw new Error(`The mail catcher rejected the behaviour: ${response.status}`)
  }
  const mailRows = async (order: string) => {
    const { rows } = await pool.query<{ status: string; attempts: number; trouble: string | null; rejections: number }>(
      'select status, attempts, trouble, rejections from notices.mails where order_id = $1',
      [order],
    )
    return rows
  }
  /** Returns the mails of one order that the mail server accepted. */
  const mailsOf = async (order: string) => (await messages()).filter((mail) => mail.messageId.includes(order))
  /** Inserts mails in their state after `attempts` attempts, all to one address. */
  const insertMails = async (
    count: number,
    {
      email = 'buyer@example.org',
      attempts = 0,
      key = emailKey,
    }: { email?: string; attempts?: number; key?: Buffer } = {},
  ): Promise<string[]> => {
    const told = {
      sale: 'demo',
      items: [{ sku: 'lamp', quantity: 1, priceMinor: 100 }],
      totalMinor: 100,
      currency: 'EUR',
    }
    const { rows } = await pool.query<{ order: string }>(
      `insert into notices.mails (event_id, order_id, kind, message_id, sealed_to, body, attempts)
       select gen_random_uuid(), id, 'confirmed', '<' || id || '.confirmed@floodgate.invalid>', $2,
         $3::jsonb || jsonb_build_object('kind', 'confirmed', 'order', id), $4
       from (select gen_random_uuid() as id from generate_series(1, $1)) as orders
       returning order_id as "order"`,
      [count, await seal(email, key), JSON.stringify(told), attempts],
    )
    return rows.map(({ order }) => order)
  }
  const stop = async () => {
    issuer.close()
    await mail.stop()
    await stores.remove()
  }
  return {
    startNotifier,
    settings,
    redis,
    databaseUrl,
    messages,
    mailsOf,
    controlMail,
    mailRows,
    insertMails,
    publish,
    admit,
    adminToken: ADMIN_TOKEN,
    pool,
    emailKey: emailKey.toString('base64url'),
    emailKid,
    smtpUrl: mail.smtpUrl,
    stop,
  }
}

export type Fixture = Awaited<ReturnType<typeof startFixture>>

/** Builds the events of one order's life. */
export async function createOrder(
  changes: {
    email?: string
    buyer?: string
    sealedEmail?: string
    names?: { sale: string; item: string }
    language?: string
  } = {},
) {
  const at = new Date().toISOString()
  const order = {
    order: randomUUID(),
    sale: 'demo',
    buyer: changes.buyer ?? 'buyer-1',
    slot: 'slot-1',
    items: [{ sku: 'lamp', quantity: 2, priceMinor: 1_250 }],
    totalMinor: 2_500,
    currency: 'EUR',
    createdAt: at,
    holdExpiresAt: at,
  }
  const sealedEmail = changes.sealedEmail ?? (await seal(changes.email ?? 'buyer@example.org'))
  const common = () => ({ source: '/test', time: at, id: randomUUID() })
  const { names, language } = changes
  const named =
    names === undefined
      ? order
      : { ...order, saleName: names.sale, items: order.items.map((line) => ({ ...line, name: names.item })) }
  const sealed = { ...named, ...(language === undefined ? {} : { language }), sealedEmail }
  return {
    id: order.order,
    placed: (): FloodgateEvent => ({
      ...common(),
      type: 'order.placed.v1',
      aggregateVersion: 1,
      data: { ...order, paymentMethod: 'sim_ok', chargeBy: at },
    }),
    confirmed: (): FloodgateEvent => ({
      ...common(),
      type: 'order.confirmed.v1',
      aggregateVersion: 2,
      data: sealed,
    }),
    cancelled: (reason: CancelReason): FloodgateEvent => ({
      ...common(),
      type: 'order.cancelled.v1',
      aggregateVersion: 2,
      data: { ...sealed, reason },
    }),
    refundRequested: (): FloodgateEvent => ({
      ...common(),
      type: 'order.refund-requested.v1',
      aggregateVersion: 3,
      data: sealed,
    }),
    refunded: (): FloodgateEvent => ({ ...common(), type: 'order.refunded.v1', aggregateVersion: 4, data: sealed }),
  }
}
