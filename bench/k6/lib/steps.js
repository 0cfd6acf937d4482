import { board, join, leave, notWorse, poll } from './line.js'
import { ended } from './outcome.js'
import { buyerName } from './settings.js'
import { placeOrder, readCatalogue, readOrder } from './shop.js'

const LOOKS_OF_LEAVERS = 2

/** Creates a user who has made no request yet. `next` is the next request. */
export function arrive(user) {
  return { ...user, name: buyerName(user.number), next: toJoin, looks: 0 }
}

/** Makes exactly one request: the next of a user's visit. */
export function nextStep(user) {
  user.next = user.next(user)
}

function toJoin(user) {
  const joined = join(user.room, user.name)
  if (joined === undefined) return over(user, 'lost')
  user.ticket = joined.ticket
  user.best = joined.position
  return toPoll
}

function toPoll(user) {
  const status = poll(user.room, user.ticket)
  user.looks += 1
  if (status === undefined) return over(user, 'lost')
  user.best = notWorse(user.best, status)
  if (status.state === 'waiting')
    return user.intent === 'leave' && user.looks >= LOOKS_OF_LEAVERS ? toLeave('left') : toPoll
  if (status.state !== 'admitted') return over(user, 'lost')
  user.admission = status.admission
  return user.intent === 'leave' ? toLeave('left') : toCatalogue
}

function toCatalogue(user) {
  user.item = readCatalogue(user.core)?.items[0]
  if (user.item === undefined) return over(user, 'refused')
  if (user.intent === 'look') return toLeave('looked')
  return user.item.soldOut ? toLeave('sold_out') : toOrder
}

function toOrder(user) {
  const { admission, item, name, intent } = user
  const paymentMethod = intent === 'buy' ? 'sim_ok' : 'sim_declined'
  const placed = placeOrder(user.core, { admission, key: name, item, paymentMethod })
  // Unpaid orders hold the last units: the next arrival retries.
  if (placed.kind === 'held') return toOrder
  if (placed.kind !== 'placed') return placed.kind === 'sold-out' ? toLeave('sold_out') : over(user, 'refused')
  user.order = placed.id
  return toFollow
}

function toFollow(user) {
  const status = readOrder(user.core, { admission: user.admission, id: user.order })
  if (status === 'pending') return toFollow
  if (status === 'confirmed') return over(user, 'confirmed')
  return status === 'cancelled' ? toLeave('declined') : over(user, 'refused')
}

const toLeave = (outcome) => (user) => {
  leave(user.room, user.ticket)
  return over(user, outcome)
}

/** Reads the sale board now and then for a finished user. */
function over(_user, outcome) {
  ended(outcome)
  return toBoard
}

function toBoard(user) {
  board(user.room)
  return toBoard
}
