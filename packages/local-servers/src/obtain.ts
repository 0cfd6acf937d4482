import { openssl } from './certificates/openssl.ts'
import { chromiumPath, installChromium } from './chromium/index.ts'
import { hasContainerEngine, installContainerEngine } from './containers/index.ts'
import { findHelm, installHelm } from './helm/index.ts'
import { findJaeger, installJaeger } from './jaeger/index.ts'
import { installKafka, kafkaAvailability } from './kafka/index.ts'
import { findK6, installK6 } from './load-generators/k6.ts'
import { findWrk, installWrk } from './load-generators/wrk.ts'
import { failToMount, mayMount } from './mount.ts'
import { hasNpmTools, installNpmTools, type NpmToolSet } from './npm-tools/install.ts'
import { hasPreviousRelease, installPreviousRelease } from './previous-release/install.ts'
import { hasPrometheus, installPrometheus } from './prometheus/install.ts'
import { proxyPrograms } from './proxies/index.ts'
import { hasPythonTool, installPythonTool, type PythonTool } from './python/tool.ts'
import { KUBERNETES_VALIDATE, SCHEMATHESIS } from './python/tools.ts'
import { findRedisServer, installRedis } from './redis/index.ts'
import { findStripeMock, installStripeMock } from './stripe-mock/index.ts'

/**
 * The things that may be missing on a machine, besides Node. `mount` is the right to mount a file system, `containers`
 * an engine that runs them.
 */
export type Need =
  | 'redis'
  | 'kafka'
  | 'containers'
  | 'chromium'
  | 'k6'
  | 'wrk'
  | 'openssl'
  | 'proxies'
  | 'mount'
  | 'prometheus'
  | 'schemathesis'
  | 'helm'
  | 'jaeger'
  | 'stripe-mock'
  | 'kubernetes-validate'
  | 'previous-release'
  | NpmToolSet

interface Progress {
  onProgress(line: string): void
}
interface Recipe {
  there(): Promise<boolean>
  install(progress: Progress): Promise<void>
}

const recipes: Record<Need, Recipe> = {
  redis: { there: async () => (await findRedisServer()) !== undefined, install: installRedis },
  kafka: { there: async () => (await kafkaAvailability()).available, install: installKafka },
  containers: { there: hasContainerEngine, install: installContainerEngine },
  chromium: { there: async () => (await chromiumPath()) !== undefined, install: installChromium },
  k6: { there: async () => (await findK6()) !== undefined, install: installK6 },
  mount: { there: mayMount, install: failToMount },
  packaging: { there: () => hasNpmTools('packaging'), install: (progress) => installNpmTools('packaging', progress) },
  platforms: { there: () => hasNpmTools('platforms'), install: (progress) => installNpmTools('platforms', progress) },
  prometheus: { there: hasPrometheus, install: installPrometheus },
  'previous-release': { there: hasPreviousRelease, install: installPreviousRelease },
  openssl: { there: openssl.areThere, install: openssl.install },
  proxies: { there: proxyPrograms.areThere, install: proxyPrograms.install },
  jaeger: { there: async () => (await findJaeger()) !== undefined, install: installJaeger },
  helm: { there: async () => (await findHelm()) !== undefined, install: installHelm },
  'kubernetes-validate': pythonRecipe(KUBERNETES_VALIDATE),
  schemathesis: pythonRecipe(SCHEMATHESIS),
  'stripe-mock': { there: async () => (await findStripeMock()) !== undefined, install: installStripeMock },
  wrk: { there: async () => (await findWrk()) !== undefined, install: installWrk },
}

function pythonRecipe(tool: PythonTool): Recipe {
  return { there: () => hasPythonTool(tool), install: (progress) => installPythonTool(tool, progress) }
}

/**
 * Starts to install what is missing, side by side. Each promise resolves to undefined once its need is met, or to the
 * reason why this machine cannot meet it.
 */
export function startToObtain(
  needs: ReadonlySet<Need>,
  onProgress: (line: string) => void,
): ReadonlyMap<Need, Promise<string | undefined>> {
  async function meet(need: Need): Promise<string | undefined> {
    const recipe = recipes[need]
    try {
      if (!(await recipe.there())) await recipe.install({ onProgress })
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }
  return new Map([...needs].map((need) => [need, meet(need)]))
}

/** Installs what is missing where that is possible; returns the reasons for what is not available on this machine. */
export async function obtain(
  needs: ReadonlySet<Need>,
  onProgress: (line: string) => void,
): Promise<ReadonlyMap<Need, string>> {
  const missing = new Map<Need, string>()
  for (const [need, met] of startToObtain(needs, onProgress)) {
    const why = await met
    if (why !== undefined) missing.set(need, why)
  }
  return missing
}
