import { check } from 'k6'
import { ask } from './ask.js'
import { settings } from './settings.js'

const path = `/sales/${settings.sale}`
const bearer = (ticket) => ({ authorization: `Bearer ${ticket}` })

/** Takes a place in the line; returns the response, or undefined. */
export function join(room, buyer) {
  const answer = ask('POST', `${room}${path}/tickets`, {
    name: 'join',
    expected: [200, 201],
    headers: { 'Idempotency-Key': buyer.padEnd(22, '-') },
  })
  return answer.status === 200 || answer.status === 201 ? answer.json() : undefined
}

/** Returns the buyer's state; undefined when the request was rejected. */
export function poll(room, ticket) {
  const answer = ask('GET', `${room}${path}/ticket`, { name: 'poll', expected: [200], headers: bearer(ticket) })
  return answer.status === 200 ? answer.json() : undefined
}

/**
 * Leaves the line, or gives the slot back. The key tells the HTTP client that repeating the request on a new connection
 * is safe.
 */
export function leave(room, ticket) {
  ask('DELETE', `${room}${path}/ticket`, {
    name: 'leave',
    expected: [204],
    headers: { ...bearer(ticket), 'Idempotency-Key': 'leave' },
    read: false,
  })
}

/** Reads the public one-second status of the line. */
export function board(room) {
  ask('GET', `${room}${path}/board`, { name: 'board', expected: [200], read: false })
}

/**
 * Checks that a position grows by at most the number of returners. Another process, whose count is older, may return
 * the same.
 */
export function notWorse(before, status) {
  if (status.state !== 'waiting') return before
  check(status, { 'a position grows only by returners': ({ position, returners }) => position <= before + returners })
  return Math.min(before, status.position)
}
