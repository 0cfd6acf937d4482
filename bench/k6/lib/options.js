const names = ['join', 'poll', 'board', 'leave', 'catalogue', 'order', 'order status']

/** A time is only kept apart by name where a threshold asks for it; these are always kept. */
const apart = Object.fromEntries(names.map((name) => [`http_req_duration{name:${name}}`, ['max>=0']]))

/** What all scripts have in common: no more is kept in memory and tagged than the summary shows. */
export const commonOptions = {
  discardResponseBodies: true,
  // A VU's next iteration is another user, who has a connection of its own.
  noVUConnectionReuse: true,
  systemTags: ['name', 'check', 'group', 'scenario'],
  summaryTrendStats: ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'],
  thresholds: apart,
}
