import type { DashboardPlan } from './panels.ts'

/** The sale now: for everybody who watches it. */
export const SALE_NOW: DashboardPlan = {
  uid: 'floodgate-sale-now',
  title: 'Floodgate: the sale now',
  description: 'Service levels, the line, orders and parts of the running sale. docs/metrics.md explains each metric.',
  from: 'now-30m',
  rows: [
    {
      title: 'Service levels',
      stats: [
        {
          title: 'Rate error',
          description:
            'Deviation of admissions from the rate, in the worst open sale. Red: the alert FloodgateRateError.',
          unit: 'percentunit',
          redFrom: 0.1,
          queries: [{ expr: 'max(floodgate_line_rate_error_ratio)', legend: 'error' }],
        },
        {
          title: 'Stall',
          description: 'For how long nobody has been admitted although a buyer is due. Red: FloodgateLineStalled.',
          unit: 's',
          redFrom: 5,
          queries: [{ expr: 'max(floodgate_line_stall_seconds)', legend: 'stall' }],
        },
        {
          title: 'Overtaken, last hour',
          description: 'Buyers overtaken although they polled on time. 0 by design.',
          unit: 'none',
          redFrom: 0.5,
          queries: [{ expr: 'sum(increase(floodgate_line_inversions_total[1h]))', legend: 'overtaken' }],
        },
        {
          title: 'Order to confirmation, p99',
          description: 'Of the last five minutes. Red: FloodgateConfirmationSlow.',
          unit: 's',
          redFrom: 30,
          queries: [{ expr: 'floodgate:confirm_seconds:p99_5m', legend: 'p99' }],
        },
        {
          title: 'Oversold units',
          description: 'Units in orders beyond the total of their item, in live sales. 0 by design.',
          unit: 'none',
          redFrom: 1,
          queries: [{ expr: 'max(floodgate_stock_oversold_units)', legend: 'oversold' }],
        },
        {
          title: 'Money that differs',
          description: 'Findings of the newest money check. 0 by design.',
          unit: 'none',
          redFrom: 1,
          queries: [{ expr: 'sum(max by (problem) (floodgate_money_check_findings))', legend: 'findings' }],
        },
      ],
    },
    {
      title: 'The line',
      panels: [
        {
          title: 'Admissions',
          description:
            'Per second, beside the rate that the open sales ask for. Below it while slots are taken or nobody waits.',
          unit: 'ops',
          queries: [
            { expr: 'floodgate:admissions:rate1m', legend: 'admitted' },
            { expr: 'max(floodgate_line_rate_per_second)', legend: 'rate of the sales' },
          ],
        },
        {
          title: 'Buyers',
          description: 'Waiting in line, and slots in use.',
          unit: 'short',
          queries: [
            { expr: 'sum(floodgate_line_waiting)', legend: 'waiting' },
            { expr: 'sum(floodgate_slots_active)', legend: 'slots in use' },
          ],
        },
        {
          title: 'Wait of the first in line',
          description: 'In the open sale where it is longest.',
          unit: 's',
          queries: [{ expr: 'max(floodgate_line_oldest_waiter_seconds)', legend: 'wait' }],
        },
        {
          title: 'Joins',
          description: 'Per second, by outcome.',
          unit: 'ops',
          queries: [
            { expr: 'sum by (outcome) (rate(floodgate_joins_total[$__rate_interval]))', legend: '{{outcome}}' },
          ],
        },
        {
          title: 'Polls',
          description: 'Per second, by the state that they returned.',
          unit: 'ops',
          queries: [{ expr: 'sum by (state) (rate(floodgate_polls_total[$__rate_interval]))', legend: '{{state}}' }],
        },
        {
          title: 'Set aside',
          description: 'Buyers passed over as absent, per second. `true`: they came back within 15 s; 0 by design.',
          unit: 'ops',
          queries: [
            {
              expr: 'sum by (returned_within_interval) (rate(floodgate_set_aside_total[$__rate_interval]))',
              legend: 'back in time: {{returned_within_interval}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Orders',
      panels: [
        {
          title: 'Orders placed',
          description: 'Per second, by the group commit.',
          unit: 'ops',
          queries: [{ expr: 'sum(rate(floodgate_commit_batch_orders_sum[$__rate_interval]))', legend: 'placed' }],
        },
        {
          title: 'Orders that moved',
          description: 'Per second, by the state they moved to.',
          unit: 'ops',
          queries: [
            { expr: 'sum by (to) (rate(floodgate_order_transitions_total[$__rate_interval]))', legend: '{{to}}' },
          ],
        },
        {
          title: 'Charges',
          description: 'Rounds of charging per second, by outcome.',
          unit: 'ops',
          queries: [
            { expr: 'sum by (outcome) (rate(floodgate_charges_total[$__rate_interval]))', legend: '{{outcome}}' },
          ],
        },
        {
          title: 'Rejected passes',
          description: 'Per second, by cause. `issuer`, `audience` and `keys-unavailable` lock every buyer out.',
          unit: 'ops',
          queries: [
            { expr: 'sum by (cause) (rate(floodgate_passes_refused_total[$__rate_interval]))', legend: '{{cause}}' },
          ],
        },
        {
          title: 'Mails',
          description: 'Attempts per second, by outcome.',
          unit: 'ops',
          queries: [
            { expr: 'sum by (outcome) (rate(floodgate_mails_total[$__rate_interval]))', legend: '{{outcome}}' },
          ],
        },
        {
          title: 'Unsent webhooks to the shop',
          description: 'Of each endpoint. Those that wait for fifteen minutes: FloodgateWebhooksLate.',
          unit: 'short',
          queries: [
            {
              expr: 'max by (endpoint, state) (floodgate_webhook_queue_length{state!="dead"})',
              legend: '{{endpoint}}: {{state}}',
            },
          ],
        },
        {
          title: 'Waiting for an operator',
          description: 'Parked orders, dead letters, dead mails and dead webhooks.',
          unit: 'short',
          queries: [
            { expr: 'max(floodgate_parked_orders)', legend: 'parked orders' },
            { expr: 'sum(max by (group) (floodgate_dead_letters_waiting))', legend: 'dead letters' },
            { expr: 'max(floodgate_mail_queue_length{state="dead"})', legend: 'dead mails' },
            {
              expr: 'sum(max by (endpoint) (floodgate_webhook_queue_length{state="dead"}))',
              legend: 'dead webhooks',
            },
          ],
        },
      ],
    },
    {
      title: 'Parts',
      panels: [
        {
          title: 'Failing checks',
          description: 'Each check of /readyz: 1 while it fails in at least one process.',
          unit: 'none',
          queries: [{ expr: 'max by (app, check) (floodgate_check_failing)', legend: '{{app}}: {{check}}' }],
        },
        {
          title: 'Processes that respond',
          description: 'By job of Prometheus.',
          unit: 'none',
          queries: [{ expr: 'sum by (job) (up{job=~".*floodgate-.+"})', legend: '{{job}}' }],
        },
        {
          title: 'Errors',
          description: 'Share of responses that were 5xx, over five minutes. Above 1 %: FloodgateErrors.',
          unit: 'percentunit',
          queries: [
            {
              expr: 'floodgate:errors:ratio_5m or 0 * sum by (namespace, app) (floodgate_connections)',
              legend: '{{app}}',
            },
          ],
        },
      ],
    },
  ],
}
