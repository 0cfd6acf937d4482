import { type PythonTool, pythonToolCommand } from './tool.ts'

export const SCHEMATHESIS: PythonTool = {
  name: 'schemathesis',
  version: '4.32.5',
  module: 'schemathesis.cli',
  part: 'fuzz',
  remedy: 'Only the fuzzing of the HTTP interfaces needs it.',
}

/** Brings the schemas of every Kubernetes release that it supports. */
export const KUBERNETES_VALIDATE: PythonTool = {
  name: 'kubernetes-validate',
  version: '1.37.0',
  module: 'kubernetes_validate',
  part: 'chart',
  remedy: 'Only the tests of the Helm chart need it.',
}

export const PODMAN_COMPOSE: PythonTool = {
  name: 'podman-compose',
  version: '1.6.0',
  module: 'podman_compose',
  part: 'containers',
  remedy: 'Only the test of the containers needs it.',
}

export function schemathesisCommand(): Promise<readonly [string, ...string[]]> {
  return pythonToolCommand(SCHEMATHESIS)
}

export function kubernetesValidateCommand(): Promise<readonly [string, ...string[]]> {
  return pythonToolCommand(KUBERNETES_VALIDATE)
}

export function podmanComposeCommand(): Promise<readonly [string, ...string[]]> {
  return pythonToolCommand(PODMAN_COMPOSE)
}
