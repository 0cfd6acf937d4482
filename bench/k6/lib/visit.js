import { sleep } from 'k6'
import { intentOf } from './intent.js'
import { join, leave } from './line.js'
import { buyerName, coreOf, roomOf, settings } from './settings.js'
import { placeOrder, readCatalogue, readOrder } from './shop.js'
import { waitByPolling, waitBySocket } from './wait.js'

const LOOKS_OF_LEAVERS = 2
const ORDER_POLL_SECONDS = 0.5
/**
 * An order is paid within seconds, on a slow machine within minutes. A buyer without the outcome by then is reported as
 * such.
 */
const ORDER_POLLS_MAX = 1_200
const HELD_RETRY_SECONDS = 2
const HELD_TRIES_MAX = 300

/**
 * Simulates one buyer's whole visit: join, wait, read the catalogue, order, see the order confirmed, or leave. Returns
 * the outcome.
 */
export async function visit(number, { intent = intentOf(number) } = {}) {
  const room = roomOf(number)
  const name = buyerName(number)
  const joined = join(room, name)
  if (joined === undefined) return 'lost'
  const wait = number % 100 < settings.socketPercent ? waitBySocket : waitByPolling
  const status = await wait(room, joined, intent === 'leave' ? LOOKS_OF_LEAVERS : Number.POSITIVE_INFINITY)
  if (status === undefined) return 'lost'
  if (intent === 'leave') {
    leave(room, joined.ticket)
    return 'left'
  }
  if (status.state !== 'admitted') return 'lost'
  const outcome = shop(coreOf(number), { name, intent, admission: status.admission })
  // A confirmed order has returned its slot by itself.
  if (outcome !== 'confirmed') leave(room, joined.ticket)
  return outcome
}

function shop(core, { name, intent, admission }) {
  const item = readCatalogue(core)?.items[0]
  if (item === undefined) return 'refused'
  if (intent === 'look') return 'looked'
  if (item.soldOut) return 'sold_out'
  const placed = order(core, { admission, key: name, item, intent })
  if (placed.kind === 'sold-out') return 'sold_out'
  if (placed.kind !== 'placed') return 'refused'
  for (let polls = 1; polls <= ORDER_POLLS_MAX; polls += 1) {
    const status = readOrder(core, { admission, id: placed.id })
    if (status === 'confirmed') return 'confirmed'
    if (status === 'cancelled') return 'declined'
    if (status !== 'pending') return 'refused'
    sleep(ORDER_POLL_SECONDS)
  }
  return 'pending'
}

/** Orders. Retries with the same key while unpaid orders hold the last units. */
function order(core, { admission, key, item, intent }) {
  const paymentMethod = intent === 'buy' ? 'sim_ok' : 'sim_declined'
  for (let tries = 1; ; tries += 1) {
    const answer = placeOrder(core, { admission, key, item, paymentMethod })
    if (answer.kind !== 'held') return answer
    if (intent !== 'buy' || tries === HELD_TRIES_MAX) return { kind: 'sold-out' }
    sleep(HELD_RETRY_SECONDS)
  }
}
