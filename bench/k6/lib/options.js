const names = ['join', 'poll', 'board', 'leave', 'catalogue', 'order', 'order status']

/** k6 separates a metric by name only where a threshold requires it; these are always separate. */
const apart = Object.fromEntries(names.map((name) => [`http_req_duration{name:${name}}`, ['max>=0']]))

/** The options of all scripts: no more is kept in memory and tagged than the summary shows. */
export const commonOptions = {
  discardResponseBodies: true,
  // A VU's next iteration is another user, with its own connection.
  noVUConnectionReuse: true,
  systemTags: ['name', 'check', 'group', 'scenario'],
  summaryTrendStats: ['count', 'avg', 'med', 'p(95)', 'p(99)', 'max'],
  thresholds: apart,
}
