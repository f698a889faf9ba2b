/** Why a command could not be carried out at all; its exit code is 2. */
export type CannotRunCode =
  | 'connection_missing'
  | 'connection_damaged'
  | 'database_unreachable'
  | 'module_unusable'
  | 'policy_unusable'
  | 'portal_missing'
  | 'portal_failed'
  | 'step_unknown'
  | 'check_unknown'
  | 'nothing_tried'
  | 'target_unreachable'
  | 'target_no_portal'
  | 'target_elsewhere'
  | 'browser_missing'
  | 'browser_failed'
  | 'folder_unwritable'
  | 'interrupted';

/** One clear line for the person at the terminal; the message never holds a password or a URL. */
export class CannotRunError extends Error {
  override readonly name = 'CannotRunError';
  readonly code: CannotRunCode;

  constructor(code: CannotRunCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
