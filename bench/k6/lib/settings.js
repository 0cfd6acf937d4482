/** The bench's settings: the target, the number of users and the sale. JSON in the variable SETTINGS. */
export const settings = JSON.parse(__ENV.SETTINGS)

const turnOf = (urls, number) => urls[number % urls.length]

/** Returns the process that serves a buyer: always the same one, as behind a load balancer that keeps connections. */
export function roomOf(number) {
  return turnOf(settings.rooms, number)
}

export function coreOf(number) {
  return turnOf(settings.cores, number)
}

/** Returns a name unique over all runs of a system, the same at every request of a buyer. */
export function buyerName(number) {
  return `${settings.sale}-${number}`
}
