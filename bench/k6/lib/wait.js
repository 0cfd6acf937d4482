import { check, sleep } from 'k6'
import { WebSocket } from 'k6/websockets'
import { notWorse, poll } from './line.js'
import { settings } from './settings.js'

const SECOND = 1_000

/** Polls at the given intervals until the wait is over or `looksMax` polls were made; returns the last response. */
export function waitByPolling(room, joined, looksMax) {
  let best = joined.position
  for (let looks = 1; ; looks += 1) {
    const status = poll(room, joined.ticket)
    if (status === undefined || status.state !== 'waiting') return status
    best = notWorse(best, status)
    if (looks >= looksMax) return status
    sleep(status.pollAfterMs / SECOND)
  }
}

/** Waits by socket. A socket that is cut before the wait is over fails a check; the buyer continues by polling. */
export async function waitBySocket(room, joined, looksMax) {
  const url = `${room.replace('http', 'ws')}/sales/${settings.sale}/live`
  const status = await new Promise((resolve) => {
    const socket = new WebSocket(url, ['floodgate.v1', joined.ticket])
    let last
    let looks = 0
    let best = joined.position
    socket.onmessage = ({ data }) => {
      last = JSON.parse(data)
      looks += 1
      best = notWorse(best, last)
      if (last.state !== 'waiting' || looks >= looksMax) socket.close()
    }
    socket.onerror = () => socket.close()
    socket.onclose = () => resolve(last !== undefined && (last.state !== 'waiting' || looks >= looksMax) ? last : null)
  })
  check(status, { 'a socket stays until the wait is over': (told) => told !== null })
  return status ?? waitByPolling(room, joined, looksMax)
}
