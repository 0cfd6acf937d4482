/** Imports run one way: (contracts, async) ← (client, event-bus, outbox, database, redis, runtime ← http, admission) ← apps. */
const testFile = '\\.(test|story|browser)\\.ts$|/fixtures/|/testing/|/conformance/'

/**
 * Returns rules by which a folder of `root` imports only folders before it in the list, and no file next to the folders,
 * as those wire the folders together. A folder missing from the list fails. Tests and their helpers may import everything.
 */
function ladder(root, folders) {
  const listed = `^${root}/(${folders.join('|')})/`
  const own = folders.map((folder, index) => ({
    name: `ladder of ${root}: ${folder}`,
    comment: `A folder imports only folders before it: ${folders.join(', ')}.`,
    severity: 'error',
    from: { path: `^${root}/${folder}/`, pathNot: testFile },
    to: { path: `^${root}/`, pathNot: `^${root}/(${folders.slice(0, index + 1).join('|')})/` },
  }))
  const unlisted = { path: `^${root}/[^/]+/`, pathNot: `${listed}|${testFile}` }
  const comment = 'A new folder takes its place in the list of dependency-cruiser.config.mjs.'
  return [
    ...own,
    { name: `ladder of ${root}: not listed`, comment, severity: 'error', from: unlisted, to: {} },
    {
      name: `ladder of ${root}: imported, not listed`,
      comment,
      severity: 'error',
      from: { pathNot: testFile },
      to: unlisted,
    },
  ]
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two modules that need each other are one module, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'apps-never-import-apps',
      comment: 'What passes between apps is an event or an HTTP call, whose shape is in packages/contracts.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-never-import-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(apps|dev|stories)/' },
    },
    {
      name: 'runtime-imports-no-http',
      comment: 'A process without a port needs no server. What both sides share is in packages/runtime.',
      severity: 'error',
      from: { path: '^packages/runtime/' },
      to: { path: '^packages/http/' },
    },
    {
      name: 'contracts-import-no-package',
      severity: 'error',
      from: { path: '^packages/contracts/' },
      to: { path: '^packages/', pathNot: '^packages/contracts/' },
    },
    {
      name: 'async-imports-no-package',
      comment: 'Every package may import it.',
      severity: 'error',
      from: { path: '^packages/async/' },
      to: { path: '^packages/', pathNot: '^packages/async/' },
    },
    {
      name: 'client-needs-no-server',
      comment: 'It runs wherever there is `fetch`.',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: testFile },
      to: { path: '^packages/', pathNot: '^packages/(client|contracts|async)/' },
    },
    {
      name: 'admission-stands-alone',
      comment: 'It is published: a shop gets it and jose, nothing else.',
      severity: 'error',
      from: { path: '^packages/admission/src/', pathNot: testFile },
      to: { path: '^packages/', pathNot: '^packages/admission/' },
    },
    {
      name: 'admission-runs-without-node',
      comment:
        'It runs wherever there is fetch and WebCrypto. What Node verifies faster is chosen by a condition of its package.json.',
      severity: 'error',
      from: { path: '^packages/admission/src/', pathNot: `^packages/admission/src/plain-token\\.ts$|${testFile}` },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-tests-and-dev-start-servers',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: `^packages/(testkit|local-servers|simulators)/|${testFile}` },
      to: { path: '^packages/(testkit|local-servers|simulators)/' },
    },
    {
      name: 'only-stories-import-dev',
      severity: 'error',
      from: { path: '^(apps|packages)/' },
      to: { path: '^dev/' },
    },
    {
      name: 'dev-and-stories-meet-apps-over-http',
      comment:
        'Only the declarations of their configuration and routes are read, for the documents made from them. The explorer runs what apps decide.',
      severity: 'error',
      from: { path: '^(dev|stories)/', pathNot: '^stories/src/explorer/' },
      to: { path: '^apps/', pathNot: '^apps/[^/]+/src/(config|api)\\.ts$' },
    },
    {
      name: 'benches-meet-apps-over-http',
      comment:
        'The poll policy alone is read: a pure file of numbers, and a baseline or a sizing that polled by another one would compare nothing.',
      severity: 'error',
      from: { path: '^bench/' },
      to: { path: '^apps/', pathNot: '^apps/waiting-room/src/snapshot/poll-policy\\.ts$' },
    },
    ...ladder('packages/http/src', [
      ...[
        'limits',
        'requests',
        'responses',
        'openapi',
        'routes',
        'fast-path',
        'sockets',
        'dead-letters',
        'operations',
        'server',
      ],
    ]),
    ...ladder('apps/waiting-room/src', [
      ...['redis', 'processes', 'tokens', 'snapshot', 'archive', 'sales', 'operators', 'identity', 'slots'],
      ...['admission', 'line', 'shop', 'live', 'erasure', 'pages'],
    ]),
    ...ladder('apps/order-core/src', [
      ...[
        'admission',
        'order',
        'stock',
        'ledger',
        'catalogue',
        'vouchers',
        'parked',
        'checkout',
        'saga',
        'refunds',
        'reconcile',
      ],
      ...['delays', 'stock-news'],
      ...['retention', 'erasure', 'orders'],
    ]),
    {
      name: 'browser-code-loads-what-is-served',
      comment:
        'Browsers load the pages file by file: their own ones and those of PACKAGE_FILES in packages/pages/src/assets.ts. Types are blanked out.',
      severity: 'error',
      from: { path: '^packages/pages/src/browser/', pathNot: testFile },
      to: {
        pathNot: [
          '^packages/pages/src/browser/',
          '^packages/contracts/src/(email|ledger-findings|money|order-number)\\.ts$',
          '^packages/texts/src/formats\\.ts$',
        ],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'only-browsers-load-browser-code',
      severity: 'error',
      from: { pathNot: `^packages/pages/src/browser/|${testFile}` },
      to: { path: '^packages/pages/src/browser/' },
    },
    {
      name: 'packages-through-their-index',
      comment:
        'Whatever a package offers is in its src/index.ts; to browsers, which load file by file, in an entry file of its own, and to tests in src/testing.ts.',
      severity: 'error',
      from: { path: '^(apps|packages|dev|stories)/([^/]+)/' },
      to: {
        path: '^packages/([^/]+)/src/',
        pathNot: [
          '^packages/[^/]+/src/(index|testing)\\.ts$',
          // One adapter for each framework.
          '^packages/admission/src/adapters/[^/]+\\.ts$',
          // Fixtures that need no server, and so are light to import.
          '^packages/testkit/src/fixtures/index\\.ts$',
          '^packages/contracts/src/(account|email|ledger-findings|money|order-number)\\.ts$',
          // Only the types, the helpers of languages, and each language.
          '^packages/texts/src/(texts|formats|languages/[^/]+)\\.ts$',
          '^$1/$2/',
        ],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(generated|dist|\\.data|\\.cache)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
