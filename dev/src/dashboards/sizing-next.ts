import type { DashboardPlan, StatPlan } from './panels.ts'

const SECONDS = 15

/** Returns the largest value of an expression in the shown time. */
const peak = (expr: string): string => `max_over_time((${expr})[$__range:${SECONDS}s])`
const perSecond = (counter: string, by = ''): string => `sum${by} (rate(${counter}[1m]))`
const total = (counter: string): string => `sum(increase(${counter}[$__range]))`

const orders = total('floodgate_commit_batch_orders_sum')
const polls = total('floodgate_polls_total')

const stat = (title: string, description: string, unit: StatPlan['unit'], expr: string, legend = title): StatPlan => ({
  ...{ title, description, unit },
  queries: [{ expr, legend }],
})

/** Sizing the next one: peaks and costs of a past sale. The shown time is that of the sale. */
export const SIZING_NEXT: DashboardPlan = {
  uid: 'floodgate-sizing-next',
  title: 'Floodgate: sizing the next one',
  description:
    'Peaks and costs of a past sale: set the shown time to the sale, and put the figures into `npm run bench -- sizing`.',
  from: 'now-3h',
  isAboutThePast: true,
  rows: [
    {
      title: 'Peaks',
      stats: [
        stat('Waiting', 'Buyers in all lines at once: --waiters.', 'short', peak('sum(floodgate_line_waiting)')),
        stat('Slots in use', 'Buyers inside at once: --buying.', 'short', peak('sum(floodgate_slots_active)')),
        stat('Joins', 'Per second, over a minute.', 'ops', peak(perSecond('floodgate_joins_total'))),
        stat('Polls', 'Per second, over a minute.', 'ops', peak(perSecond('floodgate_polls_total'))),
        stat('Admissions', 'Per second, over a minute: --rate.', 'ops', peak(perSecond('floodgate_admissions_total'))),
        stat('Orders', 'Per second, over a minute.', 'ops', peak(perSecond('floodgate_commit_batch_orders_sum'))),
        stat('Sockets', 'Of waiting buyers.', 'short', peak('sum(floodgate_line_sockets)')),
        stat('Charges in progress', 'Against CHARGES_IN_FLIGHT.', 'short', peak('sum(floodgate_charges_in_flight)')),
      ],
    },
    {
      title: 'What buyers did',
      stats: [
        stat('Admitted', 'In the shown time.', 'short', total('floodgate_admissions_total')),
        stat('Ordered', 'In the shown time.', 'short', orders),
        stat(
          'Orders that were confirmed',
          'Share of the orders placed.',
          'percentunit',
          `${total('floodgate_order_transitions_total{to="confirmed"}')} / ${orders}`,
        ),
        stat(
          'Absent at their turn',
          'Buyers set aside, for each admitted one: admit that many more.',
          'percentunit',
          `${total('floodgate_set_aside_total{returned_within_interval="false"}')} / ${total('floodgate_admissions_total')}`,
        ),
        stat(
          'Time inside',
          'Mean time from an admission to the return of its slot: slots in use, divided by admissions per second.',
          's',
          `avg_over_time((sum(floodgate_slots_active))[$__range:${SECONDS}s]) / sum(rate(floodgate_admissions_total[$__range]))`,
        ),
        stat(
          'Charge',
          'Mean time at the payment provider: --provider.',
          's',
          `${total('floodgate_charge_duration_seconds_sum')} / ${total('floodgate_charge_duration_seconds_count')}`,
        ),
      ],
    },
    {
      title: 'Costs, by app',
      stats: [
        stat(
          'CPU of an order',
          'CPU time of the order core, payment worker and notifier per order, everything else they did included.',
          's',
          `sum(increase(process_cpu_seconds_total{app=~"order-core|payment-worker|notifier"}[$__range])) / ${orders}`,
        ),
        stat(
          'CPU of a poll',
          'CPU time of the waiting room per poll, everything else it did included.',
          's',
          `sum(increase(process_cpu_seconds_total{app="waiting-room"}[$__range])) / ${polls}`,
        ),
        stat(
          'Memory of a waiting buyer',
          'Peak memory of the waiting room for each buyer at the peak, its base included.',
          'bytes',
          `${peak('sum(process_resident_memory_bytes{app="waiting-room"})')} / (${peak('sum(floodgate_line_waiting)')} > 0 or ${peak('sum(floodgate_line_waiting)')} + 1)`,
        ),
      ],
      panels: [
        {
          title: 'CPU',
          description: 'Cores in use by app: the peak decides how many processes the next sale needs.',
          unit: 'short',
          queries: [{ expr: perSecond('process_cpu_seconds_total{app!=""}', ' by (app)'), legend: '{{app}}' }],
        },
        {
          title: 'Busiest process',
          description: 'Busy share of the event loop by app. Plan for less than 0.7 at the peak.',
          unit: 'percentunit',
          queries: [{ expr: 'max by (app) (floodgate_event_loop_utilization)', legend: '{{app}}' }],
        },
        {
          title: 'Memory',
          description: 'Largest process of each app, resident.',
          unit: 'bytes',
          queries: [{ expr: 'max by (app) (process_resident_memory_bytes{app!=""})', legend: '{{app}}' }],
        },
      ],
    },
  ],
}
