import { check } from 'k6'
import { ask } from './ask.js'
import { settings } from './settings.js'

const path = `/sales/${settings.sale}`
const bearer = (ticket) => ({ authorization: `Bearer ${ticket}` })

/** Takes a place in the line; what it answers, or undefined. */
export function join(room, buyer) {
  const answer = ask('POST', `${room}${path}/tickets`, {
    name: 'join',
    expected: [200, 201],
    headers: { 'Idempotency-Key': buyer.padEnd(22, '-') },
  })
  return answer.status === 200 || answer.status === 201 ? answer.json() : undefined
}

/** How the buyer stands; undefined when the answer was a refusal. */
export function poll(room, ticket) {
  const answer = ask('GET', `${room}${path}/ticket`, { name: 'poll', expected: [200], headers: bearer(ticket) })
  return answer.status === 200 ? answer.json() : undefined
}

/** Out of the line, or the slot given back. The key tells the HTTP client that repeating it on a new connection is safe. */
export function leave(room, ticket) {
  ask('DELETE', `${room}${path}/ticket`, {
    name: 'leave',
    expected: [204],
    headers: { ...bearer(ticket), 'Idempotency-Key': 'leave' },
    read: false,
  })
}

/** The public one-second status of the line. */
export function board(room) {
  ask('GET', `${room}${path}/board`, { name: 'board', expected: [200], read: false })
}

/** A position grows by as many at most as came back. Of another process, whose count is older, it may be as it was. */
export function notWorse(before, status) {
  if (status.state !== 'waiting') return before
  check(status, { 'a position grows only by returners': ({ position, returners }) => position <= before + returners })
  return Math.min(before, status.position)
}
