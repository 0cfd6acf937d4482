import type { Finding } from '@floodgate/runtime'

/** The finding of one of several servers; `server` is empty where there is only one. */
export interface FindingOfServer {
  readonly server: string
  readonly finding: Finding
}

/** Returns one finding for all servers: the worst ones, each with the servers that it is about. Pure. */
export function mergeFindings(all: readonly FindingOfServer[]): Finding {
  const kind = (['failed', 'warning'] as const).find((each) => all.some(({ finding }) => finding.kind === each))
  if (kind === undefined) return allFine(all)
  const serversOf = new Map<string, string[]>()
  const advice = new Set<string>()
  for (const { server, finding } of all) {
    if (finding.kind !== kind) continue
    serversOf.set(finding.problem, [...(serversOf.get(finding.problem) ?? []), server])
    advice.add(finding.advice)
  }
  const problems = [...serversOf].map(([problem, servers]) => {
    const names = servers.filter((server) => server !== '')
    return names.length === 0 ? problem : `${names.join(', ')}: ${problem}`
  })
  return { kind, problem: problems.join('; '), advice: [...advice].join(' ') }
}

function allFine(all: readonly FindingOfServer[]): Finding {
  const details = new Set(all.flatMap(({ finding }) => (finding.kind === 'ok' ? (finding.detail ?? []) : [])))
  const masters = all.length > 1 ? `${all.length} masters` : 'primary'
  return { kind: 'ok', detail: [masters, ...details].join(', ') }
}
