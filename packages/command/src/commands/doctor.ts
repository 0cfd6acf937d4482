import type { Command } from '../command.ts'
import { findContradictions, type Heard } from '../doctor/contradictions.ts'
import type { Finding } from '../doctor/finding.ts'
import { hearProcesses } from '../doctor/hear-processes.ts'
import { EXIT } from '../exit-codes.ts'
import { APP_NAMES } from '../settings.ts'
import type { Cell, View } from '../view.ts'

const doctor: Command = {
  name: 'doctor',
  summary: 'Examines every process that it reaches: version, clock, connections, settings that contradict each other',
  description:
    'Behind one address there may be several processes: each app is asked twelve times at once, which may miss some of many. It compares the ids of EMAIL_KEY and PAYMENT_KEY; no app shows a secret.',
  examples: ['floodgate doctor'],
  role: 'viewer',
  found: 'something is wrong, or an app did not respond',
  async run({ apps }) {
    const { heard, silent } = await hearProcesses(apps)
    const unnamed = APP_NAMES.filter((app) => !apps.names().includes(app))
    const findings = [...silent, ...findContradictions(heard)]
    return {
      data: { processes: heard.map(({ about }) => about), unnamed, findings },
      view: {
        kind: 'all',
        views: [
          processTable(heard),
          findingTable(findings),
          {
            kind: 'text',
            text: unnamed.length === 0 ? '' : `Not examined, as no URL is known: ${unnamed.join(', ')}.`,
          },
        ],
      },
      exit: findings.length === 0 ? EXIT.done : EXIT.found,
    }
  },
}

function findingTable(findings: readonly Finding[]): View {
  return {
    kind: 'table',
    columns: ['finding', 'detail'],
    rows: findings.map(({ what, detail }) => [what, detail]),
    empty: 'Nothing is wrong.',
  }
}

function processTable(heard: readonly Heard[]): View {
  return {
    kind: 'table',
    columns: ['app', 'process', 'version', 'node', 'ready', 'started at'],
    rows: heard.map(({ about: { app, process, version, node, readiness, startedAt } }): Cell[] => [
      ...[app, process, version, node, readiness.ready, startedAt],
    ]),
    empty: 'No process responded.',
  }
}

const outbox: Command = {
  name: 'outbox',
  summary: 'Shows committed events that wait to be published, per app',
  examples: ['floodgate outbox'],
  role: 'viewer',
  found: 'some events can never be published, have waited for more than 30 s, or an app did not respond',
  async run({ apps }) {
    const { heard, silent } = await hearProcesses(apps)
    const boxes = heard.flatMap(({ about: { app, figures } }) =>
      figures.outboxUnsent === undefined ? [] : [{ app, ...figures }],
    )
    const isLate = boxes.some(
      ({ outboxParked = 0, outboxOldestSeconds = 0 }) => outboxParked > 0 || outboxOldestSeconds > 30,
    )
    return {
      data: { outboxes: boxes, findings: silent },
      view: {
        kind: 'all',
        views: [
          {
            kind: 'table',
            columns: ['app', 'unsent', 'oldest (s)', 'parked'],
            rows: boxes.map((box): Cell[] => [box.app, box.outboxUnsent, box.outboxOldestSeconds, box.outboxParked]),
            empty: 'No app with an outbox responded.',
          },
          ...(silent.length === 0 ? [] : [findingTable(silent)]),
        ],
      },
      exit: isLate || silent.length > 0 ? EXIT.found : EXIT.done,
    }
  },
}

export const doctorCommands: readonly Command[] = [doctor, outbox]
