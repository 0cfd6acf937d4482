import type { Need } from '@floodgate/local-servers'

/** One command of a part. A check counts as one test; a Vitest run counts its tests. */
export type Run =
  | { readonly kind: 'check'; readonly name: string; readonly command: readonly string[] }
  | { readonly kind: 'vitest'; readonly project: string; readonly arguments: readonly string[] }

export interface Part {
  readonly name: string
  readonly about: string
  readonly needs: readonly Need[]
  /**
   * It loads the machine, and so runs after all others: beside its like, or `alone` where a slow response counts as a
   * failure.
   */
  readonly load?: 'shared' | 'alone'
  /** A folder of the repository that it writes to: no other part that does may run beside it. */
  readonly writesTo?: string
  readonly runs: readonly Run[]
}

const check = (name: string, ...command: string[]): Run => ({ kind: 'check', name, command })
const vitest = (project: string, ...args: string[]): Run => ({ kind: 'vitest', project, arguments: args })

type StoryWord =
  | 'disk'
  | 'kafka'
  | 'compose'
  | 'containers'
  | 'start'
  | 'proxies'
  | 'fuzz'
  | 'examples'
  | 'chart'
  | 'alerts'
  | 'traces'
  | 'upgrade'
  | `${'kafka' | 'postgres' | 'redis'}-failover`

/** Returns story files that form a separate part, by a word of their file name. */
const story = (word: StoryWord): Run => vitest('stories-apart', `${word}.story`)

/** Runs benches at a small size: one fails when a count is wrong, whatever the rates. */
const bench = (...names: string[]): Run =>
  check(`bench ${names.join(' ')}`, 'node', 'bench/src/main.ts', ...names, '--small')

/** `@floodgate/admission` as it is published is built there. */
const ADMISSION_BUILD = 'packages/admission/dist'

/** All parts that `npm test` can run, in the order of their starts; two run side by side. */
export const parts: readonly Part[] = [
  {
    name: 'checks',
    about: 'types, lint, import directions, unused code, configuration and API documents',
    needs: [],
    runs: [
      check('types', 'tsc', '-p', '.'),
      check('page types', 'tsc', '-p', 'packages/pages/src/browser'),
      check('lint', 'biome', 'check', '--error-on-warnings', '.'),
      check(
        'imports',
        'depcruise',
        '--config',
        'dependency-cruiser.config.mjs',
        'apps',
        'packages',
        'dev',
        'stories',
        'bench',
      ),
      check('two-way folders', 'node', 'dev/src/folders/main.ts'),
      check('unused code', 'knip'),
      check('configuration documents', 'node', 'dev/src/config-docs/main.ts', '--check'),
      check('API documents', 'node', 'dev/src/api-docs/main.ts', '--check'),
      check('dashboards', 'node', 'dev/src/dashboards/main.ts', '--check'),
      check('no test left out', 'node', 'dev/src/test/left-out.ts'),
      check('no conflict left', 'node', 'dev/src/test/conflicts.ts'),
    ],
  },
  { name: 'unit', about: 'pure code', needs: [], runs: [vitest('unit')] },
  {
    name: 'integration',
    about: 'each package and app on a real Postgres and Redis',
    needs: ['redis', 'openssl'],
    runs: [vitest('integration')],
  },
  { name: 'conformance', about: 'the bus on a real Kafka', needs: ['kafka', 'openssl'], runs: [vitest('kafka')] },
  {
    name: 'stories',
    about: 'the whole system over HTTP',
    needs: ['redis'],
    runs: [vitest('stories')],
  },
  {
    name: 'kills',
    about: 'the whole system while its processes are killed',
    needs: ['redis'],
    runs: [vitest('kills')],
  },
  { name: 'disk', about: 'the whole system on a full disk', needs: ['redis', 'mount'], runs: [story('disk')] },
  {
    name: 'kafka',
    about: 'the whole system on a real Kafka, also over TLS with passwords',
    needs: ['redis', 'kafka', 'openssl'],
    runs: [story('kafka')],
  },
  {
    name: 'kafka-failover',
    about: 'the whole system while Kafka dies or falls mute',
    needs: ['redis', 'kafka'],
    runs: [story('kafka-failover')],
  },
  {
    name: 'redis-failover',
    about: 'the whole system on Sentinels and on a Redis Cluster, while masters die, fall mute or move',
    needs: ['redis'],
    runs: [story('redis-failover')],
  },
  {
    name: 'postgres-failover',
    about: 'the whole system while a Postgres standby is promoted, behind a real HAProxy and without',
    needs: ['redis', 'proxies'],
    runs: [story('postgres-failover')],
  },
  { name: 'browser', about: 'the pages in Chromium', needs: ['redis', 'chromium'], runs: [vitest('browser')] },
  {
    name: 'proxies',
    about: 'the whole system behind a real nginx and a real HAProxy',
    needs: ['redis', 'proxies', 'openssl', 'chromium'],
    runs: [story('proxies')],
  },
  {
    name: 'alerts',
    about: 'the alert rules and dashboards beside a real Prometheus, while parts of the system break',
    needs: ['redis', 'prometheus'],
    runs: [story('alerts')],
  },
  {
    name: 'stripe',
    about: "every request to Stripe against the definition of its API, by Stripe's own mock",
    needs: ['stripe-mock'],
    runs: [vitest('stripe')],
  },
  {
    name: 'fuzz',
    about: 'the HTTP interfaces against their OpenAPI documents, by Schemathesis; FUZZ_EXAMPLES for more requests',
    needs: ['redis', 'schemathesis'],
    runs: [story('fuzz')],
  },
  {
    name: 'package',
    about: 'the published package in an empty project, under every Node that it supports',
    needs: ['packaging'],
    writesTo: ADMISSION_BUILD,
    runs: [vitest('package')],
  },
  {
    name: 'platforms',
    about: 'the published package in Workers, the edge runtime, Next, Bun and Deno',
    needs: ['platforms'],
    writesTo: ADMISSION_BUILD,
    runs: [vitest('platforms')],
  },
  {
    name: 'examples',
    about: 'the shops of examples/ in Chromium, behind the whole system',
    needs: ['redis', 'chromium'],
    writesTo: ADMISSION_BUILD,
    runs: [story('examples')],
  },
  {
    name: 'compose',
    about: 'the containers of docker-compose.yml, without an engine',
    needs: ['redis'],
    runs: [story('compose')],
  },
  {
    name: 'containers',
    about: 'the image and docker-compose.yml on a container engine, with stand-ins for the images of the servers',
    needs: ['redis', 'kafka', 'containers'],
    runs: [story('containers')],
  },
  {
    name: 'chart',
    about: 'the Helm chart: lint, schemas of Kubernetes, the settings of the apps',
    needs: ['helm', 'kubernetes-validate'],
    runs: [story('chart')],
  },
  {
    name: 'traces',
    about: 'purchases of the whole system as traces in a real Jaeger, which Go builds once',
    needs: ['redis', 'jaeger'],
    runs: [story('traces')],
  },
  {
    name: 'bench',
    about: 'each other bench for a few seconds',
    needs: ['redis', 'wrk'],
    load: 'shared',
    runs: [
      bench('line'),
      bench('long-lines'),
      bench('many-sales'),
      bench('rounds'),
      bench('rebuild'),
      bench('archive'),
      bench('bulkheads'),
      bench('checkout-ways'),
      bench('crowd'),
      bench('gate'),
    ],
  },
  {
    name: 'bench-loads',
    about: 'the loads of other shops, a rehearsal, and what traces cost, for a few seconds each',
    needs: ['redis', 'wrk'],
    load: 'shared',
    runs: [
      // L1, L4, L7 and L8 differ from these in numbers only.
      bench('l2', 'l3', 'l5', 'l6', 'l9', 'l11'),
      bench('traces'),
      bench('rehearse'),
      bench('sizing'),
    ],
  },
  {
    name: 'bench-kafka',
    about: 'the bench that needs a real Kafka',
    needs: ['redis', 'kafka'],
    load: 'alone',
    runs: [bench('confirm')],
  },
  {
    name: 'bench-k6',
    about: 'the benches that need k6',
    needs: ['redis', 'k6'],
    load: 'alone',
    runs: [bench('ramp-10k'), bench('l10'), bench('spike'), bench('soak')],
  },
  {
    name: 'upgrade',
    about: 'the previous release and this one side by side, in mid-sale',
    needs: ['redis', 'previous-release'],
    runs: [story('upgrade')],
  },
  { name: 'start', about: 'npm start from a fresh copy', needs: ['redis'], runs: [story('start')] },
]

export type Selection =
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }
  | { readonly kind: 'unknown'; readonly names: readonly string[] }

/** Selects the parts by name; all of them without a name. Pure. */
export function selectParts(names: readonly string[]): Selection {
  const unknown = names.filter((name) => !parts.some((part) => part.name === name))
  if (unknown.length > 0) return { kind: 'unknown', names: unknown }
  return { kind: 'parts', parts: names.length === 0 ? parts : parts.filter(({ name }) => names.includes(name)) }
}
