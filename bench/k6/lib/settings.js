/** What the bench decided: where to go, how many come and what they find. Given as JSON in the variable SETTINGS. */
export const settings = JSON.parse(__ENV.SETTINGS)

const turnOf = (urls, number) => urls[number % urls.length]

/** The process that serves a buyer: always the same one, as behind a balancer that keeps connections. */
export function roomOf(number) {
  return turnOf(settings.rooms, number)
}

export function coreOf(number) {
  return turnOf(settings.cores, number)
}

/** Unique over all runs of a system, the same at every request of a buyer. */
export function buyerName(number) {
  return `${settings.sale}-${number}`
}
