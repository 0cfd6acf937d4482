/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  /** The command did its work, and found something to look at. */
  found: 1,
  /** The command line or the settings are invalid; nothing was sent. */
  usage: 2,
  /** An app rejected the request. */
  rejected: 3,
  /** An app did not respond, or could not do it now. */
  unavailable: 4,
  /** A question was not answered with yes; nothing was changed. */
  unconfirmed: 5,
  /** The command itself failed: its output cannot be written, or it has a defect. */
  failed: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_TEXTS: Readonly<Record<ExitCode, string>> = {
  [EXIT.done]: 'done',
  [EXIT.found]: 'done, and there is something to look at: a difference, a failure, something left over',
  [EXIT.usage]: 'the command line or the settings are invalid; nothing was sent',
  [EXIT.rejected]: 'an app rejected the request, such as for a role that is too low',
  [EXIT.unavailable]: 'an app did not respond, or could not do it now; repeat the command',
  [EXIT.unconfirmed]: 'the question was not answered with yes; nothing was changed',
  [EXIT.failed]: 'the command itself failed, such as for a full disk behind its output; what was sent may be done',
  [EXIT.interrupted]: 'interrupted by Ctrl-C; what was sent may be done',
}
