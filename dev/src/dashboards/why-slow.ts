import type { DashboardPlan } from './panels.ts'

const p99 = (histogram: string, by = ''): string =>
  `histogram_quantile(0.99, sum by (${by === '' ? 'le' : `le, ${by}`}) (rate(${histogram}_bucket[$__rate_interval])))`

/** Why is it slow: from the buyer's request inwards, each step with what bounds it. */
export const WHY_SLOW: DashboardPlan = {
  uid: 'floodgate-why-slow',
  title: 'Floodgate: why is it slow',
  description: 'From the request inwards: processes, Redis, Postgres, events, payments, mails. Read it from the top.',
  from: 'now-1h',
  rows: [
    {
      title: 'Requests',
      panels: [
        {
          title: 'Response time by app, p99',
          description: 'From the first byte read to the response handed to the socket.',
          unit: 's',
          queries: [{ expr: p99('floodgate_http_request_duration_seconds', 'app'), legend: '{{app}}' }],
        },
        {
          title: 'Slowest routes, p99',
          description: 'The ten slowest at each moment.',
          unit: 's',
          queries: [
            {
              expr: `topk(10, ${p99('floodgate_http_request_duration_seconds', 'app, route')})`,
              legend: '{{app}} {{route}}',
            },
          ],
        },
        {
          title: 'Requests',
          description: 'Per second, by app and status.',
          unit: 'reqps',
          queries: [
            {
              expr: 'sum by (app, status) (rate(floodgate_http_request_duration_seconds_count[$__rate_interval]))',
              legend: '{{app}} {{status}}',
            },
          ],
        },
        {
          title: 'Rejected by a limit',
          description: 'Per second. `event-loop-lag` and `answer-time` mean overload.',
          unit: 'ops',
          queries: [
            {
              expr: 'sum by (app, limit) (rate(floodgate_limited_total[$__rate_interval]))',
              legend: '{{app}} {{limit}}',
            },
          ],
        },
        {
          title: 'Connections',
          description: 'Open connections of clients, sockets among them.',
          unit: 'short',
          queries: [{ expr: 'sum by (app) (floodgate_connections)', legend: '{{app}}' }],
        },
        {
          title: 'Sockets',
          description: 'Buyers who wait, and buyers who watch an order.',
          unit: 'short',
          queries: [
            { expr: 'sum(floodgate_line_sockets)', legend: 'waiting' },
            { expr: 'sum(floodgate_live_sockets)', legend: 'watching' },
          ],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Busy share of the event loop',
          description: '1 is saturated: add processes of that app. Above 0.9: FloodgateSaturated.',
          unit: 'percentunit',
          queries: [
            { expr: 'max by (app, instance) (floodgate_event_loop_utilization)', legend: '{{app}} {{instance}}' },
          ],
        },
        {
          title: 'CPU',
          description: 'Cores in use by app.',
          unit: 'short',
          queries: [
            { expr: 'sum by (app) (rate(process_cpu_seconds_total{app!=""}[$__rate_interval]))', legend: '{{app}}' },
          ],
        },
        {
          title: 'Garbage collection',
          description: 'Share of the time of one core, by app.',
          unit: 'percentunit',
          queries: [
            { expr: 'sum by (app) (rate(nodejs_gc_duration_seconds_sum[$__rate_interval]))', legend: '{{app}}' },
          ],
        },
        {
          title: 'Memory',
          description: 'Resident, by process.',
          unit: 'bytes',
          queries: [
            { expr: 'max by (app, instance) (process_resident_memory_bytes{app!=""})', legend: '{{app}} {{instance}}' },
          ],
        },
        {
          title: 'Uptime',
          description: 'A drop is a restart.',
          unit: 's',
          queries: [
            {
              expr: 'time() - max by (app, instance) (process_start_time_seconds{app!=""})',
              legend: '{{app}} {{instance}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Redis: the line',
      panels: [
        {
          title: 'Tick, p99',
          description: 'Round trip of one tick of one sale. Above 50 ms: FloodgateTicksSlow.',
          unit: 's',
          queries: [{ expr: p99('floodgate_tick_duration_seconds'), legend: 'p99' }],
        },
        {
          title: 'Ticks',
          description: 'Per second: ten for each sale with waiting buyers.',
          unit: 'ops',
          queries: [{ expr: 'sum(rate(floodgate_tick_duration_seconds_count[$__rate_interval]))', legend: 'ticks' }],
        },
        {
          title: 'Polls that asked Redis',
          description: 'Per second. `snapshot` and `cached` cost Redis nothing.',
          unit: 'ops',
          queries: [{ expr: 'sum by (asked) (rate(floodgate_polls_total[$__rate_interval]))', legend: '{{asked}}' }],
        },
      ],
    },
    {
      title: 'Postgres: orders',
      panels: [
        {
          title: 'Group commit, p99',
          description: 'One transaction with all orders that wait for it, retries included.',
          unit: 's',
          queries: [{ expr: p99('floodgate_commit_duration_seconds'), legend: 'p99' }],
        },
        {
          title: 'Orders per commit, and waiting for one',
          description: 'Large commits and a short queue are healthy; both large: Postgres is the bound.',
          unit: 'short',
          queries: [
            {
              expr: 'sum(rate(floodgate_commit_batch_orders_sum[$__rate_interval])) / sum(rate(floodgate_commit_batch_orders_count[$__rate_interval]))',
              legend: 'per commit',
            },
            { expr: 'sum(floodgate_commit_queue_orders)', legend: 'waiting' },
          ],
        },
        {
          title: 'Transitions, p99',
          description: 'One transaction that moves orders.',
          unit: 's',
          queries: [{ expr: p99('floodgate_order_transition_batch_seconds'), legend: 'p99' }],
        },
      ],
    },
    {
      title: 'Events',
      panels: [
        {
          title: 'Order to confirmation',
          description: 'The whole way: outbox, charge, outbox, confirmation.',
          unit: 's',
          queries: [
            { expr: p99('floodgate_order_confirm_duration_seconds'), legend: 'p99' },
            {
              expr: 'histogram_quantile(0.5, sum by (le) (rate(floodgate_order_confirm_duration_seconds_bucket[$__rate_interval])))',
              legend: 'median',
            },
          ],
        },
        {
          title: 'Oldest unpublished event',
          description: 'By app. Above 30 s: FloodgateOutboxStuck.',
          unit: 's',
          queries: [{ expr: 'max by (app) (floodgate_outbox_oldest_age_seconds)', legend: '{{app}}' }],
        },
        {
          title: 'Consumers behind',
          description: 'Time since each group was last known to be up to date.',
          unit: 's',
          queries: [{ expr: 'max by (group) (floodgate_consumer_behind_seconds)', legend: '{{group}}' }],
        },
        {
          title: 'Events that wait',
          description: 'By group of consumers.',
          unit: 'short',
          queries: [{ expr: 'sum by (group) (floodgate_consumer_lag)', legend: '{{group}}' }],
        },
      ],
    },
    {
      title: 'Payments and mails',
      panels: [
        {
          title: 'Charge, p99',
          description: 'From the claim of a charge to its recorded outcome: mostly the payment provider.',
          unit: 's',
          queries: [{ expr: p99('floodgate_charge_duration_seconds'), legend: 'p99' }],
        },
        {
          title: 'Charges in progress',
          description: 'At CHARGES_IN_FLIGHT, orders wait for each other.',
          unit: 'short',
          queries: [{ expr: 'sum(floodgate_charges_in_flight)', legend: 'in progress' }],
        },
        {
          title: 'Circuit breaker of the provider',
          description: '0 closed, 1 half-open, 2 open.',
          unit: 'none',
          queries: [{ expr: 'max(floodgate_payment_breaker_state)', legend: 'state' }],
        },
        {
          title: 'Unsent mails',
          description: 'Waiting, deferred, unreadable and dead ones.',
          unit: 'short',
          queries: [{ expr: 'max by (state) (floodgate_mail_queue_length)', legend: '{{state}}' }],
        },
        {
          title: 'Oldest unsent mail',
          description: 'Above five minutes: FloodgateMailsLate.',
          unit: 's',
          queries: [{ expr: 'max(floodgate_mail_oldest_unsent_seconds)', legend: 'age' }],
        },
      ],
    },
  ],
}
