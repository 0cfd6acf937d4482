import { createPool } from '@floodgate/database'
import { type BenchResult, type BenchRun, defineBench } from '../bench.ts'
import { type Standings, takeTurns } from '../load/take-turns.ts'
import { barPlot } from '../results/plot.ts'
import { onStage, type Stage } from '../stage/stage.ts'
import { encoded, placedOrder } from './outbox-rows.ts'
import { createPlainProducer } from './plain-producer.ts'
import { startRelay } from './running-relay.ts'

const TOPIC = 'floodgate.orders'
const POOL = 4
const PLAIN = 'kafkajs, batches of 100'
const PLAIN_LARGE = 'kafkajs, batches of 500'
const RELAY = 'outbox relay'

interface Wanted {
  readonly rounds: number
  readonly events: number
}

/** How fast the outbox gets to Kafka, beside a bare kafkajs producer that sends the same bytes from memory. */
export const relayBench = defineBench({
  name: 'relay',
  about: 'events/s from the outbox to Kafka, beside a bare kafkajs producer',
  group: 'compare',
  needs: ['kafka'],
  options: {
    rounds: { about: 'how often each is measured', default: 5, small: 1 },
    events: { about: 'events in a round', default: 20_000, small: 1_000 },
  },
  run: (run) =>
    onStage(
      run,
      { bus: 'kafka', without: ['waiting-room', 'order-core', 'payment-worker', 'notifier'] },
      async (stage) => play(run, stage, run.values),
    ),
})

async function play(
  { progress, signal }: Pick<BenchRun, 'progress' | 'signal'>,
  { system }: Stage,
  { rounds, events: size }: Wanted,
): Promise<BenchResult> {
  const brokers = (system.kafkaBrokers ?? '').split(',')
  const pool = createPool(system.databaseUrl, { max: POOL })
  const relay = await startRelay({ pool, databaseUrl: system.databaseUrl, brokers, signal })
  const plain = await createPlainProducer(brokers)
  let sent = 0
  try {
    const orders = () => Array.from({ length: size }, () => placedOrder(Date.now()))
    const perSecond = (ms: number) => {
      sent += size
      return size / (ms / 1_000)
    }
    const contestants = [
      { name: PLAIN, measure: async () => perSecond(await plain.send(encoded(orders()), 100)) },
      { name: PLAIN_LARGE, measure: async () => perSecond(await plain.send(encoded(orders()), 500)) },
      { name: RELAY, measure: async () => perSecond(await relay.publish(orders())) },
    ]
    progress('warming up')
    // The relay first, whose repeats don't count: of a topic just made, a partition may refuse what the others took, and
    // the plain producer would then send those messages twice.
    for (const { measure } of contestants.toReversed()) await measure()
    const standings = await takeTurns(contestants, { rounds, progress, signal })
    const arrived = await plain.count(TOPIC)
    return judge(standings, { sent, arrived, size })
  } finally {
    await plain.close()
    await relay.close()
    await pool.end()
  }
}

function judge(
  standings: Standings,
  counts: { readonly sent: number; readonly arrived: number; readonly size: number },
): BenchResult {
  const rateOf = (name: string) => standings.get(name)?.median ?? 0
  const ofPlain = (name: string) => (rateOf(name) / rateOf(PLAIN)).toFixed(2)
  const names = [...standings.keys()]
  const rows = names.map((name) => `| ${name} | ${Math.round(rateOf(name))} | ${ofPlain(name)} |`)
  const { sent, arrived, size } = counts
  return {
    title: 'The outbox relay beside a bare Kafka producer',
    bars: [],
    faults: sent === arrived ? [] : [`${sent} events sent, ${arrived} in the topic`],
    markdown: [
      `| way to Kafka | events/s here | of ${PLAIN} |\n|---|---|---|\n${rows.join('\n')}`,
      `${size} \`order.placed\` events a round, one broker, \`acks=all\`, one batch under way at a time. The producer has its messages encoded in memory; ` +
        'the relay reads its rows from Postgres (500 at a time), validates and encodes them, sends them idempotently and marks them.',
    ].join('\n\n'),
    plot: barPlot(
      `Events per second, of ${PLAIN}`,
      names.map((name) => ({
        label: name,
        value: rateOf(name) / rateOf(PLAIN),
        text: ofPlain(name),
        highlight: name === RELAY,
      })),
    ),
    details: { standings: Object.fromEntries(standings), counts },
  }
}
