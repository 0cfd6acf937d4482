import { h } from '../shared/dom.ts'

export interface Question {
  readonly title: string
  /** The consequences, and what cannot be undone. */
  readonly text: string
  /** Label of the confirming button. */
  readonly yes: string
}

/** Asks before an action that cannot be undone. Resolves to false when the operator cancels or presses Escape. */
export function confirmAct({ title, text, yes }: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const dialog: HTMLDialogElement = h(
      'dialog',
      { 'aria-labelledby': 'confirm-title', onclose: () => settle() },
      h('h2', { id: 'confirm-title' }, title),
      h('p', {}, text),
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'button', onclick: () => dialog.close('yes') }, yes),
        h('button', { type: 'button', class: 'quiet', autofocus: true, onclick: () => dialog.close() }, 'Cancel'),
      ),
    )
    function settle() {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    }
    document.body.append(dialog)
    dialog.showModal()
  })
}
